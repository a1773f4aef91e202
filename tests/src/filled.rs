//! Sessions with more messages than anybody would send: rows that are written past the handlers.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::world::World;

/// Rows that one call writes.
const BATCH: u64 = 25;

/// The row of a message, as the chat stores it.
pub fn message(seq: u64, text: &str, now: Timestamp) -> HashMap<String, AttributeValue> {
    let text_of = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: u64| AttributeValue::N(number.to_string());
    HashMap::from(
        [
            ("pk", text_of("messages#1")),
            ("sk", text_of(&format!("{seq:08}"))),
            ("session_id", number(1)),
            ("seq", number(seq)),
            ("user_id", text_of(if seq % 2 == 0 { "ann" } else { "bob" })),
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

/// Writes messages of session 1 past the handlers, and moves its numbers and the broadcast behind them.
///
/// # Panics
/// If the tables do not take them.
pub async fn fill(world: &World, seqs: std::ops::RangeInclusive<u64>, text: &str) {
    let (client, last, now) = (world.dynamodb(), *seqs.end(), world.clock.now());
    let batches = (*seqs.start()..=last).step_by(usize::try_from(BATCH).expect("few"));
    let writes = batches.map(|first| {
        let put = |seq| {
            let put = PutRequest::builder().set_item(Some(message(seq, text, now))).build().expect("a row");
            WriteRequest::builder().put_request(put).build()
        };
        let rows = (first..(first + BATCH).min(last + 1)).map(put).collect();
        client.batch_write_item().request_items("live-chat-chat", rows).send()
    });
    let outputs: Vec<_> =
        futures_util::stream::iter(writes).buffered(8).try_collect().await.expect("the table takes them");
    assert!(outputs.iter().all(|output| output.unprocessed_items().is_none_or(HashMap::is_empty)));
    let key = |pk: &str, sk: &str| {
        [("pk", pk), ("sk", sk)].map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
    };
    let number = AttributeValue::N(last.to_string());
    for (table, pk, sk) in [("live-chat-connections", "cursor#1", "cursor"), ("live-chat-chat", "session#1", "session")]
    {
        let update = client.update_item().table_name(table).set_key(Some(HashMap::from(key(pk, sk))));
        let update = update.update_expression("SET seq = :last").expression_attribute_values(":last", number.clone());
        update.send().await.expect("the row is there");
    }
}
