//! The rules about numbers: the rate limit, viewers, and the tables at the end.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;
use super::rule::{Breaches, Rule};
use super::run::History;

/// The window of the rate limit in milliseconds.
const WINDOW_MS: i64 = 60_000;

/// If less than a minute lies between the start of the first send and the last `ack`, all sends were admitted within a minute.
pub(super) fn rate_limit(history: &History, breaches: &mut Breaches) {
    let mut begun: BTreeMap<u64, (&str, i64, u64)> = BTreeMap::new();
    let mut admitted: BTreeMap<(&str, u64), Vec<(i64, i64)>> = BTreeMap::new();
    let mut went_back = 0;
    for event in &history.events {
        match event {
            Event::ClockWentBack => went_back += 1,
            Event::Sending { send, user, at, .. } => drop(begun.insert(*send, (user, *at, went_back))),
            Event::Acknowledged { send, duplicate: false, at, .. } => {
                if let Some((user, began, since)) = begun.get(send).filter(|(_, _, since)| *since == went_back) {
                    admitted.entry((user, *since)).or_default().push((*began, *at));
                }
            }
            _ => {}
        }
    }
    for ((user, _), sends) in admitted {
        for (first, _) in &sends {
            let within = sends.iter().filter(|(began, ended)| began >= first && *ended < first + WINDOW_MS).count();
            if within > history.limit {
                breaches.add(Rule::RateLimit, format!("{user} sent {within} messages within a minute from {first} on"));
                break;
            }
        }
    }
}

/// After the timeout, the viewers are the users with an open socket, and every open socket has received their number. Unless a
/// response is lost, no socket ever receives a number above the users that have connected; `housekeep` corrects it within a minute.
pub(super) fn viewers(history: &History, breaches: &mut Breaches) {
    let mut arrived = BTreeSet::new();
    for event in &history.events {
        match event {
            Event::Arriving { user } => drop(arrived.insert(user)),
            Event::HeardViewers { socket, viewers } if *viewers > arrived.len() as u64 && !history.may_repeat => {
                let what = format!("socket {socket} heard of {viewers} viewers, but only {arrived:?} have come");
                breaches.add(Rule::Viewers, what);
            }
            _ => {}
        }
    }
    let (told, there) = &history.end.viewers;
    let count = there.len() as u64;
    if *told != count {
        breaches.add(Rule::Viewers, format!("{told} viewers are told, but there are {there:?}"));
    }
    for (socket, heard) in history.end.viewers_heard.iter().filter(|(_, heard)| **heard != Some(count)) {
        breaches
            .add(Rule::Viewers, format!("socket {socket} last heard of {heard:?} viewers, but there are {there:?}"));
    }
}

/// The tables at the end.
pub(super) fn ended(history: &History, breaches: &mut Breaches) {
    let end = &history.end;
    if end.cursor != end.seq {
        breaches.add(Rule::LeftBehind, format!("the cursor is at {}, but {} was given", end.cursor, end.seq));
    }
    if let Some(unsettled) = (1..=end.seq).find(|seq| !end.rows.contains_key(seq)) {
        breaches.add(Rule::LeftBehind, format!("the number {unsettled} is neither a message nor a void"));
    }
    let messages = end.rows.values().filter(|row| !row.void).count() as u64;
    if end.total_messages != messages {
        let what = format!("total_messages is {}, but {messages} were stored", end.total_messages);
        breaches.add(Rule::LeftBehind, what);
    }
    for left in &end.left {
        breaches.add(Rule::LeftBehind, left.clone());
    }
}
