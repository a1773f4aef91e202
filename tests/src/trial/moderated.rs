//! What the tables and the audit log hold of moderation at the end of a run.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::domain::moderation::modes::ShieldedModes;

use super::row::{number, text};
use crate::history::{End, HeldRow, LogEntry, StandingRow};

/// Takes a row of the chat table into account.
pub(super) fn read(row: &Value, end: &mut End) {
    let (pk, sk) = (text(row, "pk"), text(row, "sk"));
    match pk.split('#').collect::<Vec<_>>().as_slice() {
        ["held", "1"] if sk != "closed" => held(row, end).waits = true,
        ["resolved", "1"] => {
            let decision = (text(row, "decision").to_owned(), text(row, "action_id").to_owned());
            held(row, end).decision = Some((decision.0, decision.1, row["message_id"].as_u64()));
        }
        ["standing", user] => {
            let sanctions = row["sanctions"].as_array().into_iter().flatten();
            let sanctions = sanctions.map(|sanction| text(sanction, "reference").to_owned()).collect();
            let standing = StandingRow { version: number(row, "version"), sanctions };
            end.standings.insert((*user).to_owned(), standing);
        }
        ["modes", "1"] => {
            end.modes.version = number(row, "version");
            end.modes.set = modes(&row["modes"]).modes;
        }
        ["session", "1"] if sk == "session" => end.modes.in_force = modes(&row["modes"]).modes,
        _ => {}
    }
}

/// Reads the audit log. Its people are rows of the chat table.
pub(super) fn read_log(audit: &[Value], chat: &[Value], end: &mut End) {
    let people = chat.iter().filter_map(|row| {
        let pseudonym = text(row, "pk").strip_prefix("person#").filter(|_| text(row, "sk") == "person")?;
        Some((pseudonym, text(row, "user_id")))
    });
    let people: BTreeMap<&str, &str> = people.collect();
    let rows = audit.iter().filter(|row| is_of_a_year(text(row, "pk")));
    end.entries = rows.map(|row| entry(row, &people)).collect();
    end.log = end.entries.iter().map(|entry| entry.id.clone()).collect();
}

/// Each entry stands among those of its year, and again among those of its user.
fn is_of_a_year(pk: &str) -> bool {
    pk.strip_prefix("log#").is_some_and(|year| year.len() == 4)
}

fn held<'a>(row: &Value, end: &'a mut End) -> &'a mut HeldRow {
    let held = end.held.entry(text(row, "held_id").to_owned()).or_default();
    held.user = text(&row["author"], "user_id").to_owned();
    held.text = text(row, "text").to_owned();
    held
}

fn modes(stored: &Value) -> ShieldedModes {
    if stored.is_null() { ShieldedModes::default() } else { serde_json::from_value(stored.clone()).expect("modes") }
}

fn entry(row: &Value, people: &BTreeMap<&str, &str>) -> LogEntry {
    let optional = |value: &Value| value.as_str().map(str::to_owned);
    let person = |value: &Value| value.as_str().and_then(|pseudonym| people.get(pseudonym)).map(|id| (*id).to_owned());
    LogEntry {
        id: text(row, "id").to_owned(),
        action: text(row, "action").to_owned(),
        actor: person(&row["actor"]),
        user: person(&row["target"]),
        held_id: optional(&row["held_id"]),
        message_ids: row["message_ids"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect(),
        cause: optional(&row["changes"]["cause"]),
        because_of: optional(&row["changes"]["action_id"]),
    }
}
