//! The rules about numbers: likes, the rate limit, and what is there at the end.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{Breaches, IDS};
use super::{Event, History, Rule};

/// The window of the rate limit in milliseconds.
const WINDOW_MS: i64 = 60_000;

/// A read shows every like that was confirmed before it, and none that nobody had begun. At the end counters equal rows, and the
/// last value was told to every open socket.
pub(super) fn likes(history: &History, breaches: &mut Breaches) {
    type Fans = BTreeMap<Option<u64>, BTreeSet<String>>;
    let (mut begun, mut confirmed): (Fans, Fans) = Default::default();
    let mut before: BTreeMap<u64, Fans> = BTreeMap::new();
    let mut last_told: BTreeMap<u64, u64> = BTreeMap::new();
    let mut open: BTreeSet<u64> = BTreeSet::new();
    let count = |fans: &Fans, message: &Option<u64>| fans.get(message).map_or(0, BTreeSet::len) as u64;
    for event in &history.events {
        match event {
            Event::Liking { user, message } => drop(begun.entry(*message).or_default().insert(user.clone())),
            Event::Liked { user, message } => drop(confirmed.entry(*message).or_default().insert(user.clone())),
            Event::ReadingLikes { read } => drop(before.insert(*read, confirmed.clone())),
            Event::ReadLikes { read, message, likes } => {
                let least = before.get(read).map_or(0, |fans| count(fans, message));
                let most = count(&begun, message);
                if !(least..=most).contains(likes) {
                    let what = format!("{likes} likes of {message:?} were read, but {least} to {most} are possible");
                    breaches.add(Rule::Likes, what);
                }
            }
            Event::Opened { socket, .. } => drop(open.insert(*socket)),
            Event::Closed { socket } => drop(open.remove(socket)),
            Event::HeardLikes { socket, likes } => {
                last_told.insert(*socket, *likes);
                if *likes > count(&begun, &None) {
                    breaches.add(Rule::Likes, format!("socket {socket} heard of {likes} likes, which nobody gave yet"));
                }
            }
            _ => {}
        }
    }
    let end = &history.end;
    let mut confirmed_all = BTreeMap::new();
    confirmed_all.insert(None, (end.total_likes, end.session_likers.clone()));
    for (seq, row) in end.rows.iter().filter(|(_, row)| row.text.is_some()) {
        let fans = end.message_likers.get(seq).cloned().unwrap_or_default();
        confirmed_all.insert(Some(IDS + seq), (row.likes, fans));
    }
    for (message, (counted, fans)) in &confirmed_all {
        if *counted != fans.len() as u64 {
            breaches.add(Rule::Likes, format!("{message:?} counts {counted} likes, but {} rows are there", fans.len()));
        }
        let none = BTreeSet::new();
        for user in confirmed.get(message).unwrap_or(&none).difference(fans) {
            breaches.add(Rule::Likes, format!("{user}'s like of {message:?} was confirmed, but is not there"));
        }
    }
    for (socket, told) in last_told.iter().filter(|(socket, _)| open.contains(socket) && !history.may_miss) {
        if *told != end.total_likes {
            let what = format!("socket {socket} last heard of {told} likes, but there are {}", end.total_likes);
            breaches.add(Rule::Likes, what);
        }
    }
}

/// Sends that lie within a minute from the first one's begin to the last one's `ack` were all admitted within that minute.
pub(super) fn rate_limit(history: &History, breaches: &mut Breaches) {
    let mut begun: BTreeMap<u64, (&str, i64)> = BTreeMap::new();
    let mut admitted: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for event in &history.events {
        match event {
            Event::Sending { send, user, at, .. } => drop(begun.insert(*send, (user, *at))),
            Event::Acknowledged { send, duplicate: false, at, .. } => {
                if let Some((user, began)) = begun.get(send) {
                    admitted.entry(user).or_default().push((*began, *at));
                }
            }
            _ => {}
        }
    }
    for (user, sends) in admitted {
        for (first, _) in &sends {
            let within = sends.iter().filter(|(began, ended)| began >= first && *ended < first + WINDOW_MS).count();
            if within > history.limit {
                breaches.add(Rule::RateLimit, format!("{user} sent {within} messages within a minute from {first} on"));
                break;
            }
        }
    }
}

/// What the tables say when everything is over.
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
    let (told, there) = &end.viewers;
    if *told != there.len() as u64 {
        breaches.add(Rule::Viewers, format!("{told} viewers are told, but there are {there:?}"));
    }
    for left in &end.left {
        breaches.add(Rule::LeftBehind, left.clone());
    }
}
