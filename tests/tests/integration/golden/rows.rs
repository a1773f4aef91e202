//! The recorded moments, and rows in DynamoDB's JSON.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::domain::message::MessageId;
use tests::within;
use tests::world::World;

use crate::store::tables::Tables;

/// The tables of a gateway, as every template names them.
const TABLES: [(&str, &str); 2] = [("connections", "live-chat-connections"), ("chat", "live-chat-chat")];
type Item = HashMap<String, AttributeValue>;

/// The tables' content at one time.
pub(super) struct Moment(pub(super) Value);

impl Moment {
    pub(super) fn all() -> Vec<Moment> {
        let file: Value = serde_json::from_str(include_str!("../../../golden/rows.json")).expect("JSON");
        file["moments"].as_array().expect("a list").iter().cloned().map(Moment).collect()
    }

    pub(super) fn of(name: &str) -> Moment {
        Moment::all().into_iter().find(|moment| moment.0["moment"] == name).expect("it was recorded")
    }

    pub(super) fn now(&self) -> Timestamp {
        at(self.0["now_ms"].as_i64().expect("a number"))
    }

    /// The rows of a table, in DynamoDB's JSON.
    pub(super) fn rows(&self, table: &str) -> &[Value] {
        self.0[table].as_array().expect("a list")
    }

    /// The rows of both tables.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = &Value> {
        TABLES.iter().flat_map(|(table, _)| self.rows(table))
    }

    /// The row with this key.
    pub(super) fn row(&self, pk: &str, sk: &str) -> &Value {
        self.all_rows().find(|row| row["pk"]["S"] == pk && row["sk"]["S"] == sk).expect("it was recorded")
    }

    /// The id of the message with this text.
    pub(super) fn message(&self, text: &str) -> MessageId {
        let row = self.rows("chat").iter().find(|row| row["text"]["S"] == text).expect("it was recorded");
        MessageId::new(number(row, "session_id") as u64, number(row, "seq") as u64)
    }

    /// The rows of a user's sockets.
    pub(super) fn sockets(&self, user_id: &str) -> Vec<&Value> {
        let rows = self.rows("connections").iter();
        rows.filter(|row| row["sk"]["S"] == "socket" && row["caller"]["M"]["user_id"]["S"] == user_id).collect()
    }

    /// Fresh tables with these rows.
    pub(super) async fn load(&self) -> Tables {
        let tables = Tables::new().await;
        let names = [("connections", tables.connections.as_str()), ("chat", tables.chat.as_str())];
        for (table, name) in names {
            for row in self.rows(table) {
                put(&tables.client, name, item(row)).await;
            }
        }
        tables
    }

    /// A world at that time with these rows and a matching schedule.
    pub(super) async fn world(&self) -> World {
        let hour = (number(self.row("session#1", "session"), "start_ms") / 3_600_000 + 1) % 24;
        let world = World::at(self.now(), &daily(hour).each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        for (table, name) in TABLES {
            for row in self.rows(table) {
                put(&world.dynamodb(), name, item(row)).await;
            }
        }
        world
    }
}

/// A session around a daily draw at this hour.
pub(super) fn daily(hour: i64) -> [(&'static str, String); 6] {
    [
        ("LIVE_CHAT_SCHEDULE", "daily".to_owned()),
        ("DRAW_TIMEZONE", "UTC".to_owned()),
        ("DRAW_TIME_HOUR", hour.to_string()),
        ("LIVE_CHAT_PRE_DRAW_HOURS", "1".to_owned()),
        ("LIVE_CHAT_POST_DRAW_HOURS", "3".to_owned()),
        ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "10".to_owned()),
    ]
}

pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("a time")
}

pub(super) fn number(row: &Value, name: &str) -> i64 {
    row[name]["N"].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number {name} in {row}"))
}

pub(super) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]["S"].as_str().unwrap_or_else(|| panic!("no text {name} in {row}"))
}

pub(super) async fn put(client: &Client, table: &str, item: Item) {
    client.put_item().table_name(table).set_item(Some(item)).send().await.expect("the row is put");
}

pub(super) fn item(row: &Value) -> Item {
    row.as_object().expect("a row").iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// An attribute from DynamoDB's JSON, for the types that rows use.
fn attribute(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().and_then(|value| value.iter().next()).expect("a type and a value");
    let list = || value.as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text(value)),
        "N" => AttributeValue::N(text(value)),
        "BOOL" => AttributeValue::Bool(value == true),
        "NULL" => AttributeValue::Null(true),
        "SS" => AttributeValue::Ss(list().map(text).collect()),
        "L" => AttributeValue::L(list().map(attribute).collect()),
        "M" => AttributeValue::M(item(value)),
        other => panic!("no row has the type {other}"),
    }
}

/// An attribute as DynamoDB's JSON.
fn in_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(text) => json!({"N": text}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::Null(value) => json!({"NULL": value}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        AttributeValue::L(list) => json!({"L": list.iter().map(in_json).collect::<Vec<_>>()}),
        AttributeValue::M(item) => json!({"M": row_of(item)}),
        other => panic!("no row has {other:?}"),
    }
}

fn row_of(item: &Item) -> Value {
    item.iter().map(|(name, value)| (name.clone(), in_json(value))).collect::<serde_json::Map<_, _>>().into()
}

/// All rows of a world's tables.
pub(super) async fn rows_of(client: &Client) -> Vec<Value> {
    let mut rows = Vec::new();
    for (_, table) in TABLES {
        let mut pages = client.scan().table_name(table).consistent_read(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            rows.extend(page.expect("a page").items().iter().map(row_of));
        }
    }
    rows
}

/// Waits until a condition holds for a world's tables, and returns their rows.
pub(super) async fn until(client: &Client, what: &str, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    within(what, async {
        loop {
            let rows = rows_of(client).await;
            if holds(&rows) {
                return rows;
            }
        }
    })
    .await
}

pub(super) fn cursor(rows: &[Value]) -> &Value {
    rows.iter().find(|row| row["pk"]["S"] == "cursor#1").unwrap_or(&Value::Null)
}

/// Whether the broadcast has reached this number, and the lease is free.
pub(super) fn has_told(rows: &[Value], seq: i64) -> bool {
    cursor(rows)["seq"]["N"].as_str() == Some(&seq.to_string()) && cursor(rows)["lease_owner"].is_null()
}
