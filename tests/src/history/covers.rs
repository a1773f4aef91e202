//! The rules about purges and clears: nothing that one covers is shown afterwards, and everybody hears of it.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::rule::{Breaches, Rule};
use super::run::History;

/// A user whose messages are covered up to a number; everybody's if there is none.
type Act<'a> = (Option<&'a str>, u64);

fn covers(history: &History, (user, up_to): Act<'_>, seq: u64) -> bool {
    let author = || history.end.rows.get(&seq).and_then(|row| row.user.as_deref());
    seq <= up_to && (user.is_none() || user == author())
}

/// No answer to a request that began after the acknowledgement has a covered message, and no socket gets one after the act's frame.
pub(super) fn shown(history: &History, breaches: &mut Breaches) {
    let (mut done, mut asked): (Vec<Act<'_>>, BTreeMap<u64, usize>) = Default::default();
    let mut told: BTreeMap<u64, Vec<Act<'_>>> = BTreeMap::new();
    for event in &history.events {
        match event {
            Event::Covered { user, up_to, .. } => done.push((user.as_deref(), *up_to)),
            Event::Asking { ask } => drop(asked.insert(*ask, done.len())),
            Event::Answered { ask, ids } => {
                let known = &done[..asked.get(ask).copied().unwrap_or_default()];
                for (act, id) in known.iter().flat_map(|act| ids.iter().map(move |id| (*act, *id))) {
                    if covers(history, act, id % IDS_PER_SESSION) {
                        breaches.add(Rule::Shown, format!("{id} is in an answer that began after {act:?}"));
                    }
                }
            }
            Event::HeardCover { socket, user, up_to, is_resumed: false, .. } => {
                told.entry(*socket).or_default().push((user.as_deref(), *up_to));
            }
            Event::Heard { socket, seq, .. } => {
                let told = told.get(socket).map(Vec::as_slice).unwrap_or_default();
                if let Some(act) = told.iter().find(|act| covers(history, **act, *seq)) {
                    breaches.add(Rule::Shown, format!("socket {socket} got {seq} after the frame of {act:?}"));
                }
            }
            _ => {}
        }
    }
}

/// Each act's frame came to every socket that was open from its beginning to the end, and each client knows it, from a frame or from
/// `resumed`. A clear says what all acts before it said.
pub(super) fn told(history: &History, breaches: &mut Breaches) {
    let (mut client_of, mut opened): (BTreeMap<u64, &str>, BTreeMap<u64, usize>) = Default::default();
    let mut by_socket: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    let mut by_client: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let mut closed = BTreeSet::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Opened { socket, client } => {
                client_of.insert(*socket, client);
                opened.insert(*socket, place);
                by_client.entry(client).or_default();
            }
            Event::Closed { socket } => drop(closed.insert(*socket)),
            Event::HeardCover { socket, seq, is_resumed, .. } => {
                if !is_resumed {
                    by_socket.entry(*socket).or_default().insert(*seq);
                }
                by_client.entry(client_of.get(socket).copied().unwrap_or_default()).or_default().insert(*seq);
            }
            _ => {}
        }
    }
    let is_clear = |seq: &u64| history.end.acts.get(seq).is_some_and(Option::is_none);
    for seq in history.end.acts.keys() {
        let knows = |known: &BTreeSet<u64>| known.contains(seq) || known.range(seq..).any(is_clear);
        for (client, _) in by_client.iter().filter(|(_, known)| !knows(known)) {
            breaches.add(Rule::Untold, format!("{client} never heard of the act {seq}"));
        }
        let Some(began) = history.covering(*seq) else { continue };
        for (socket, _) in opened.iter().filter(|(socket, at)| **at < began && !closed.contains(socket)) {
            if !history.may_miss && !by_socket.get(socket).is_some_and(|known| known.contains(seq)) {
                breaches.add(Rule::Untold, format!("socket {socket} stayed open, but never heard of the act {seq}"));
            }
        }
    }
}
