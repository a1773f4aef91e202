//! The rules about deliveries: of one socket, and of a client's sockets together.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::rule::{Breaches, Rule};
use super::run::History;

/// Each socket on its own: order, repeats, and completeness while it was open.
pub(super) fn sockets(history: &History, breaches: &mut Breaches) {
    let mut open: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut opened_at: BTreeMap<u64, usize> = BTreeMap::new();
    let mut told_of: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    let mut closed = BTreeSet::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Opened { socket, .. } => {
                open.insert(*socket, Vec::new());
                opened_at.insert(*socket, place);
            }
            Event::Closed { socket } => drop(closed.insert(*socket)),
            Event::Heard { socket, seq, .. } | Event::HeardEvent { socket, seq, is_resumed: false, .. } => {
                open.entry(*socket).or_default().push(*seq);
            }
            Event::HeardDeletion { socket, id } => drop(told_of.entry(*socket).or_default().insert(*id)),
            _ => {}
        }
    }
    let began = history.first_sending();
    for (socket, heard) in &open {
        let (mut seen, mut last) = (BTreeSet::new(), 0);
        for seq in heard {
            if !seen.insert(*seq) {
                if !history.may_repeat {
                    breaches.add(Rule::OutOfOrder, format!("socket {socket} got {seq} again: {heard:?}"));
                }
            } else if *seq < last {
                breaches.add(Rule::OutOfOrder, format!("socket {socket} got {seq} after {last}: {heard:?}"));
            }
            last = last.max(*seq);
        }
        if closed.contains(socket) || history.may_miss {
            continue;
        }
        let first = heard.first().copied().unwrap_or(u64::MAX);
        for (seq, row) in &history.end.rows {
            let Some(text) = row.text.as_ref().filter(|_| !history.is_covered(*seq)) else { continue };
            let was_sent_later = began.get(text.as_str()).is_some_and(|place| *place > opened_at[socket]);
            if (*seq > first || was_sent_later) && !seen.contains(seq) {
                breaches.add(Rule::Missed, format!("socket {socket} stayed open, but never got {seq}: {heard:?}"));
            }
        }
        let is_gone = |id: &u64| history.end.rows.get(&(id % IDS_PER_SESSION)).is_some_and(|row| row.text.is_none());
        for id in history.deleted().into_iter().filter(is_gone) {
            let knows = told_of.get(socket).is_some_and(|told| told.contains(&id));
            if seen.contains(&(id % IDS_PER_SESSION)) && !knows {
                breaches.add(Rule::Missed, format!("socket {socket} got {id}, but not its deletion"));
            }
        }
    }
}

/// A client's sockets together with its resumed messages: from the first complete `resume` on, no message is missing. And
/// `last_seq` is correct: the response contained every stored message up to it.
pub(super) fn clients(history: &History, breaches: &mut Breaches) {
    let mut client_of: BTreeMap<u64, &str> = BTreeMap::new();
    let mut known: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let mut repaired: BTreeMap<&str, bool> = BTreeMap::new();
    let shown = history.end.rows.iter().filter(|(seq, row)| row.text.is_some() && !history.is_covered(**seq));
    let stored: Vec<u64> = shown.map(|(seq, _)| *seq).collect();
    for event in &history.events {
        match event {
            Event::Opened { socket, client } => {
                client_of.insert(*socket, client);
                repaired.insert(client, false);
            }
            Event::Heard { socket, seq, .. } => {
                let client = client_of.get(socket).copied().unwrap_or_default();
                known.entry(client).or_default().insert(*seq);
            }
            Event::Resumed { socket, after, seqs, last_seq, complete } => {
                let client = client_of.get(socket).copied().unwrap_or_default();
                known.entry(client).or_default().extend(seqs);
                repaired.insert(client, *complete);
                let up_to = if *complete { *last_seq } else { seqs.last().map_or(*after, |last| *last.min(last_seq)) };
                for seq in stored.iter().filter(|seq| **seq > *after && **seq <= up_to && !seqs.contains(seq)) {
                    breaches.add(Rule::NotRepaired, format!("resume after {after} up to {up_to} lacks {seq}"));
                }
            }
            _ => {}
        }
    }
    for (client, repaired) in repaired {
        let known = known.remove(client).unwrap_or_default();
        let missing: Vec<&u64> = stored.iter().filter(|seq| !known.contains(seq)).collect();
        if !repaired {
            breaches.add(Rule::NotRepaired, format!("{client} never got a complete answer to its resume"));
        } else if !missing.is_empty() {
            breaches.add(Rule::NotRepaired, format!("{client} lacks {missing:?} in spite of its resume"));
        }
    }
}
