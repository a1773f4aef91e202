//! The part of the rule about the audit log that is about deletions: staff who delete a message of somebody else leave an entry, the
//! message's row names it, and nobody else leaves one.

use std::collections::BTreeSet;

use super::event::Event;
use super::rule::{Breaches, Rule};
use super::run::History;

/// The action of their entries.
pub(super) const DELETION: &str = "delete";
/// Ids of the run's session begin here.
const FIRST_ID: u64 = 100_000_000;

/// Judges the entries of deletions, and the rows that name them.
pub(super) fn deletions(history: &History, breaches: &mut Breaches) {
    let asked: BTreeSet<(u64, &str)> = history.events.iter().filter_map(asked_for).collect();
    for entry in history.end.entries.iter().filter(|entry| entry.action == DELETION) {
        let by = entry.actor.as_deref().unwrap_or_default();
        let is_right = |id: &u64| {
            let row = history.end.rows.get(&(id % FIRST_ID));
            asked.contains(&(*id, by)) && row.is_some_and(|row| row.deleted_by.as_ref() == Some(&entry.id))
        };
        if entry.message_ids.is_empty() || !entry.message_ids.iter().all(is_right) {
            breaches.add(Rule::Audit, format!("nobody asked for {entry:?}, or it had no effect"));
        }
    }
    for (seq, row) in &history.end.rows {
        let id = FIRST_ID + seq;
        let names = |act: &String| {
            let entry = history.end.entries.iter().find(|entry| entry.id == *act && entry.action == DELETION);
            entry.is_some_and(|entry| entry.message_ids.contains(&id))
        };
        if row.deleted_by.as_ref().is_some_and(|act| !names(act)) {
            breaches.add(Rule::Audit, format!("{id} was deleted by an act without an entry: {row:?}"));
        }
        let is_gone = row.text.is_none() && !row.void;
        let mut askers = asked.range((id, "")..(id + 1, "")).map(|(_, by)| *by).peekable();
        let by_others = askers.peek().is_some() && askers.all(|by| row.user.as_deref() != Some(by));
        if is_gone && by_others && row.deleted_by.is_none() {
            breaches.add(Rule::Audit, format!("{id} was deleted by somebody else without an act: {row:?}"));
        }
    }
}

fn asked_for(event: &Event) -> Option<(u64, &str)> {
    match event {
        Event::Deleting { id, by } => Some((*id, by)),
        _ => None,
    }
}
