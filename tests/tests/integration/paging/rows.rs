//! Rows of a log, written past the handlers.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use tests::world::World;

/// Rows that one call writes.
const BATCH: usize = 25;

/// A row of session 1, as the chat leaves it.
#[derive(Clone)]
pub(super) enum Row {
    Message {
        seq: u64,
        text: String,
    },
    /// A message that replies to the one with another number.
    Reply {
        seq: u64,
        to: u64,
    },
    /// A message of a user who will be purged.
    Spam {
        seq: u64,
    },
    /// A deleted message, with so many bytes more than usual.
    Deleted {
        seq: u64,
        filling: usize,
    },
}

pub(super) fn messages(seqs: impl Iterator<Item = u64>) -> Vec<Row> {
    seqs.map(|seq| Row::Message { seq, text: format!("message {seq}") }).collect()
}

pub(super) fn deleted(seqs: impl Iterator<Item = u64>) -> Vec<Row> {
    seqs.map(|seq| Row::Deleted { seq, filling: 0 }).collect()
}

fn item(row: &Row) -> HashMap<String, AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: u64| AttributeValue::N(number.to_string());
    let common = |seq: u64| {
        [
            ("pk", text("messages#1")),
            ("sk", text(&format!("{seq:08}"))),
            ("session_id", number(1)),
            ("seq", number(seq)),
            ("user_id", text("ann")),
            ("likes", number(0)),
            ("created_ms", number(1_795_889_239_161)),
            ("is_host", AttributeValue::Bool(false)),
            ("is_winner", AttributeValue::Bool(false)),
            ("trace", text("1-6b0b1857-9e9c669e8553d030de3024d6")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    };
    match row {
        Row::Message { seq, text: of } => common(*seq)
            .into_iter()
            .chain([("text".to_owned(), text(of)), ("username".to_owned(), text("Ann"))])
            .collect(),
        Row::Reply { seq, to } => common(*seq)
            .into_iter()
            .chain([
                ("text".to_owned(), text("a reply")),
                ("username".to_owned(), text("Ann")),
                ("reply_to".to_owned(), number(100_000_000 + to)),
            ])
            .collect(),
        Row::Spam { seq } => common(*seq)
            .into_iter()
            .chain([
                ("text".to_owned(), text(&"spam ".repeat(40))),
                ("username".to_owned(), text("Mallory")),
                ("user_id".to_owned(), text("mallory")),
            ])
            .collect(),
        Row::Deleted { seq, filling } => common(*seq)
            .into_iter()
            .chain([
                ("deleted".to_owned(), AttributeValue::Bool(true)),
                ("deletion".to_owned(), number(17_849_376_513_149_270_465)),
                ("changed_ms".to_owned(), number(1_795_889_239_174)),
                ("change_trace".to_owned(), text("1-6b0b1857-9e9c669e8553d030de3024d6")),
                ("filling".to_owned(), text(&"x".repeat(*filling))),
            ])
            .collect(),
    }
}

pub(super) async fn write(world: &World, rows: &[Row]) {
    let client = world.dynamodb();
    for rows in rows.chunks(BATCH) {
        let put = |row| {
            WriteRequest::builder()
                .put_request(PutRequest::builder().set_item(Some(item(row))).build().expect("a row"))
                .build()
        };
        let written = client.batch_write_item().request_items("live-chat-chat", rows.iter().map(put).collect());
        let written = written.send().await.expect("the table takes it");
        assert!(written.unprocessed_items.unwrap_or_default().is_empty());
    }
}
