//! The rules about the events of a host's application: stored once if acknowledged, and heard by everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;
use super::rule::{Breaches, Rule};
use super::run::History;

/// An acknowledged event is stored under its number, and no event twice.
pub(super) fn stored(history: &History, breaches: &mut Breaches) {
    let stored = &history.end.events;
    for event in &history.events {
        let (Event::Told { name, seq } | Event::HeardEvent { name, seq, .. }) = event else { continue };
        if stored.get(seq) != Some(name) {
            breaches.add(Rule::Events, format!("{name:?} was told as {seq}, but the row is {:?}", stored.get(seq)));
        }
    }
    let mut seqs = BTreeMap::new();
    for (seq, name) in stored {
        if let Some(other) = seqs.insert(name, seq) {
            breaches.add(Rule::Events, format!("{name:?} is stored as {other} and as {seq}"));
        }
    }
}

/// Each event came to every socket that was open from its beginning to the end, and each client knows it, from a frame or from `resumed`.
/// After a clear, nothing before it is repeated.
pub(super) fn heard(history: &History, breaches: &mut Breaches) {
    let (mut client_of, mut opened): (BTreeMap<u64, &str>, BTreeMap<u64, usize>) = Default::default();
    let mut by_socket: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    let mut by_client: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let (mut began, mut closed): (BTreeMap<&str, usize>, BTreeSet<u64>) = Default::default();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Opened { socket, client } => {
                client_of.insert(*socket, client);
                opened.insert(*socket, place);
                by_client.entry(client).or_default();
            }
            Event::Closed { socket } => drop(closed.insert(*socket)),
            Event::Telling { name } => drop(began.insert(name, place)),
            Event::HeardEvent { socket, seq, is_resumed, .. } => {
                if !is_resumed {
                    by_socket.entry(*socket).or_default().insert(*seq);
                }
                by_client.entry(client_of.get(socket).copied().unwrap_or_default()).or_default().insert(*seq);
            }
            _ => {}
        }
    }
    for (seq, name) in &history.end.events {
        let is_cleared = history.end.acts.range(seq..).any(|(_, user)| user.is_none());
        for (client, _) in by_client.iter().filter(|(_, known)| !is_cleared && !known.contains(seq)) {
            breaches.add(Rule::Events, format!("{client} never heard of {name:?}, the event {seq}"));
        }
        let began = began.get(name.as_str()).copied().unwrap_or(usize::MAX);
        for (socket, _) in opened.iter().filter(|(socket, at)| **at < began && !closed.contains(socket)) {
            if began < usize::MAX
                && !history.may_miss
                && !by_socket.get(socket).is_some_and(|known| known.contains(seq))
            {
                breaches.add(
                    Rule::Events,
                    format!("socket {socket} stayed open, but never heard of {name:?}, the event {seq}"),
                );
            }
        }
    }
}
