//! The rules about messages: every acknowledged, delivered or read message is stored exactly so, once.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::moderation::Moderation;
use super::rule::{Breaches, Rule};
use super::run::History;

/// Every acknowledged message is stored, once, and all sends under one key are one message.
pub(super) fn stored(history: &History, breaches: &mut Breaches) {
    let rows = &history.end.rows;
    let sends: BTreeMap<u64, (&str, &str, Option<&str>)> = history
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Sending { send, user, text, key, .. } => {
                Some((*send, (user.as_str(), text.as_str(), key.as_deref())))
            }
            _ => None,
        })
        .collect();
    let deletions = history.deleted();
    let mut of_key: BTreeMap<(&str, &str), BTreeSet<u64>> = BTreeMap::new();
    let mut firsts: BTreeMap<u64, u64> = BTreeMap::new();
    for event in &history.events {
        let Event::Acknowledged { send, id, duplicate, .. } = event else { continue };
        let Some((user, text, key)) = sends.get(send) else { continue };
        match rows.get(&(id % IDS_PER_SESSION)) {
            Some(row) if row.text.as_deref() == Some(*text) => {}
            Some(row) if row.text.is_none() && !row.void && deletions.contains(id) => {}
            other => breaches.add(Rule::Lost, format!("{text:?} was acknowledged as {id}, but the row is {other:?}")),
        }
        if let Some(key) = key {
            of_key.entry((user, key)).or_default().insert(*id);
        }
        if !duplicate {
            *firsts.entry(*id).or_default() += 1;
        }
    }
    for ((user, key), ids) in of_key.iter().filter(|(_, ids)| ids.len() > 1) {
        breaches.add(Rule::Doubled, format!("{user}'s key {key} was acknowledged as {ids:?}"));
    }
    for (id, count) in firsts.iter().filter(|(_, count)| **count > 1) {
        breaches.add(Rule::Doubled, format!("{id} was acknowledged {count} times as new"));
    }
    let (mut texts, mut keys) = (BTreeMap::new(), BTreeMap::new());
    for (seq, row) in rows {
        let Some(text) = &row.text else { continue };
        if let Some(other) = texts.insert(text, seq) {
            breaches.add(Rule::Doubled, format!("{text:?} is stored as {other} and as {seq}"));
        }
        if let Some(key) = &row.key
            && let Some(other) = keys.insert((&row.user, key), seq)
        {
            breaches.add(Rule::Doubled, format!("the key {key} is stored as {other} and as {seq}"));
        }
    }
}

/// A delivered or read text equals the text stored under its number.
pub(super) fn texts(history: &History, breaches: &mut Breaches) {
    for event in &history.events {
        let (seq, told) = match event {
            Event::Heard { seq, text, .. } => (*seq, text),
            Event::ReadMessage { id, text } => (id % IDS_PER_SESSION, text),
            _ => continue,
        };
        let row = history.end.rows.get(&seq);
        // The text of a deleted message is gone.
        if row.is_none_or(|row| row.void || row.text.as_ref().is_some_and(|text| text != told)) {
            breaches.add(Rule::Lost, format!("{told:?} was told as {seq}, but the row is {row:?}"));
        }
    }
}

/// Refusals that leave no doubt.
const CLEAR: [(&str, Rule); 7] = [
    ("banned", Rule::Sanctions),
    ("staff_only", Rule::Modes),
    ("members_only", Rule::Modes),
    ("emoji_only", Rule::Modes),
    ("link_blocked", Rule::Modes),
    ("slow_mode", Rule::Modes),
    ("rate_limited", Rule::RateLimit),
];

/// A text of which every send was clearly refused is stored nowhere, and held nowhere.
pub(super) fn refused(history: &History, breaches: &mut Breaches) {
    let (mut text_of, mut open): (BTreeMap<u64, &str>, BTreeMap<&str, usize>) = Default::default();
    let mut refused: BTreeMap<&str, Rule> = BTreeMap::new();
    for event in &history.events {
        match event {
            Event::Sending { send, text, .. } => {
                text_of.insert(*send, text);
                *open.entry(text).or_default() += 1;
            }
            Event::Moderation(Moderation::Refused { send, code }) => {
                let rule = CLEAR.iter().find(|(clear, _)| clear == code).map(|(_, rule)| *rule);
                if let (Some(rule), Some(text)) = (rule, text_of.get(send)) {
                    *open.entry(text).or_default() -= 1;
                    refused.insert(text, rule);
                }
            }
            _ => {}
        }
    }
    let stored = history.end.rows.values().filter_map(|row| row.text.as_deref());
    let taken: BTreeSet<&str> = stored.chain(history.end.held.values().map(|row| row.text.as_str())).collect();
    for (text, rule) in refused.iter().filter(|(text, _)| open[**text] == 0 && taken.contains(**text)) {
        breaches.add(*rule, format!("{text:?} was refused by all answers, but it is there"));
    }
}
