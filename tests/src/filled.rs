//! Sessions with more messages than anybody would send: rows that are written past the handlers.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::StreamExt;
use jiff::Timestamp;

use crate::within;
use crate::world::World;

/// Rows that one call writes.
const BATCH: u64 = 25;

/// The row of a message of one of two authors, as the chat stores it.
pub fn message(seq: u64, text: &str, now: Timestamp) -> HashMap<String, AttributeValue> {
    message_by(if seq.is_multiple_of(2) { "ann" } else { "bob" }, seq, text, now)
}

fn message_by(user_id: &str, seq: u64, text: &str, now: Timestamp) -> HashMap<String, AttributeValue> {
    let text_of = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: u64| AttributeValue::N(number.to_string());
    HashMap::from(
        [
            ("pk", text_of("messages#1")),
            ("sk", text_of(&format!("{seq:08}"))),
            ("session_id", number(1)),
            ("seq", number(seq)),
            ("user_id", text_of(user_id)),
            ("username", text_of("Ann")),
            ("likes", number(0)),
            ("created_ms", AttributeValue::N(now.as_millisecond().to_string())),
            ("is_host", AttributeValue::Bool(false)),
            ("is_winner", AttributeValue::Bool(false)),
            ("text", text_of(text)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}

/// Writes messages of session 1 past the handlers, and moves its numbers and the broadcast behind them: between two turns, for a turn writes
/// back how far it has come itself.
///
/// # Panics
/// If the tables do not take them.
pub async fn fill(world: &World, seqs: RangeInclusive<u64>, text: &str) {
    fill_with(world, seqs, |seq, now| message(seq, text, now)).await;
}

/// The same with so many authors, who take turns.
///
/// # Panics
/// As [`fill`].
pub async fn fill_by(world: &World, seqs: RangeInclusive<u64>, text: &str, authors: u64) {
    fill_with(world, seqs, |seq, now| message_by(&format!("author {}", seq % authors), seq, text, now)).await;
}

async fn fill_with(
    world: &World,
    seqs: RangeInclusive<u64>,
    row: impl Fn(u64, Timestamp) -> HashMap<String, AttributeValue>,
) {
    let (client, last, now) = (world.dynamodb(), *seqs.end(), world.clock.now());
    let batches = (*seqs.start()..=last).step_by(usize::try_from(BATCH).expect("few"));
    let write = async |first: u64| {
        let put = |seq| {
            let put = PutRequest::builder().set_item(Some(row(seq, now))).build().expect("a row");
            WriteRequest::builder().put_request(put).build()
        };
        let rows = (first..(first + BATCH).min(last + 1)).map(put).collect();
        let written = client.batch_write_item().request_items("live-chat-chat", rows).send().await;
        let left = written.expect("the table takes them").unprocessed_items.unwrap_or_default();
        assert!(left.is_empty());
    };
    futures_util::stream::iter(batches).map(write).buffered(8).collect::<Vec<()>>().await;
    let key = [("pk", "session#1"), ("sk", "session")];
    let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
    let update = client.update_item().table_name("live-chat-chat").set_key(Some(HashMap::from(key)));
    let update = update.update_expression("SET seq = :last");
    let update = update.expression_attribute_values(":last", AttributeValue::N(last.to_string()));
    update.send().await.expect("the session is there");
    within("the end of a turn", async { while !is_moved(world, last).await {} }).await;
}

/// Moves the cursor of the broadcast, unless a turn is under way.
async fn is_moved(world: &World, last: u64) -> bool {
    const OWNER: &str = "the rows of a test";
    let store = world.store();
    let lease = store.take_lease(1, OWNER, world.clock.now()).await.expect("the table answers");
    let Some(mut cursor) = lease else { return false };
    cursor.seq = last;
    let is_moved = store.commit_cursor(1, OWNER, &cursor, world.clock.now()).await.expect("the table answers");
    store.release_lease(1, OWNER).await.expect("the table answers");
    is_moved
}
