//! The rules about notices: each reaches its audience alone, in order, and once.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Audience, Event};
use super::rule::{Breaches, Rule};
use super::run::History;

/// A socket, as far as notices are concerned.
struct Listener<'a> {
    client: &'a str,
    opened_at: usize,
    heard: Vec<&'a str>,
}

/// Judges the notices.
pub(super) fn notices(history: &History, breaches: &mut Breaches) {
    let mut left: BTreeMap<&str, (usize, &Audience)> = BTreeMap::new();
    let mut listeners: BTreeMap<u64, Listener<'_>> = BTreeMap::new();
    let (mut closed, mut went_back) = (BTreeSet::new(), false);
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Notifying { id, audience } => drop(left.insert(id, (place, audience))),
            Event::Opened { socket, client } => {
                drop(listeners.insert(*socket, Listener { client, opened_at: place, heard: Vec::new() }));
            }
            Event::Closed { socket } => drop(closed.insert(*socket)),
            Event::HeardNotice { socket, id } => {
                listeners.entry(*socket).and_modify(|listener| listener.heard.push(id));
            }
            Event::ClockWentBack => went_back = true,
            _ => {}
        }
    }
    let is_for = |audience: &Audience, client: &str| match audience {
        Audience::Everybody => true,
        Audience::Staff => history.staff.contains(client),
        Audience::User(user) => user == client,
    };
    for (socket, Listener { client, opened_at, heard }) in listeners {
        let (mut seen, mut last) = (BTreeSet::new(), "");
        for id in &heard {
            if !left.get(id).is_some_and(|(_, audience)| is_for(audience, client)) {
                breaches.add(Rule::Notices, format!("socket {socket} of {client} heard {id}, which is for others"));
            }
            if !seen.insert(*id) {
                if !history.may_repeat {
                    breaches.add(Rule::Notices, format!("socket {socket} heard {id} again: {heard:?}"));
                }
            } else if *id < last && !went_back && left.get(id).is_some_and(|(place, _)| *place > opened_at) {
                breaches.add(Rule::Notices, format!("socket {socket} heard {id} after {last}: {heard:?}"));
            }
            // One that was left before the socket opened is a repeat after a crash, though this socket hears it for the first time.
            let is_older = left.get(id).is_some_and(|(place, _)| *place < opened_at);
            last = if is_older { last } else { last.max(id) };
        }
        if closed.contains(&socket) || history.may_miss {
            continue;
        }
        for (id, (place, audience)) in &left {
            if *place > opened_at && is_for(audience, client) && !seen.contains(id) {
                breaches.add(Rule::Notices, format!("socket {socket} of {client} stayed open, but never heard {id}"));
            }
        }
    }
}
