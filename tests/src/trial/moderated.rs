//! What the tables and the audit log hold of moderation at the end of a run.

use serde_json::Value;
use shared::domain::moderation::modes::ShieldedModes;

use super::server::{STAFF, Server};
use super::tables::{number, text};
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

/// The audit log, as staff read it. `false` if a page was not answered.
pub(super) async fn read_log(server: &Server, end: &mut End) -> bool {
    let mut path = "moderation/actions?limit=100".to_owned();
    loop {
        let Some((200, page)) = server.call(STAFF, "GET", &path, None).await else { return false };
        end.entries.extend(page["actions"].as_array().into_iter().flatten().map(entry));
        end.log = end.entries.iter().map(|entry| entry.id.clone()).collect();
        match page["next_before"].as_str() {
            Some(before) => path = format!("moderation/actions?limit=100&before={before}"),
            None => return true,
        }
    }
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

fn entry(view: &Value) -> LogEntry {
    let optional = |value: &Value| value.as_str().map(str::to_owned);
    let (target, changes) = (&view["target"], &view["changes"]);
    LogEntry {
        id: text(view, "id").to_owned(),
        action: text(view, "action").to_owned(),
        actor: optional(&view["actor"]["user_id"]),
        user: optional(&target["user_id"]),
        held_id: optional(&target["held_id"]),
        message_ids: target["message_ids"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect(),
        cause: optional(&changes["cause"]),
        because_of: optional(&changes["action_id"]),
    }
}
