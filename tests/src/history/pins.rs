//! The rule about pins: an acknowledged change holds until the next one or until its message leaves the room, nobody is told of older pins after
//! newer ones, and the newest reach everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::pin_events::{PinEvent, Pinned};
use super::rule::{Breaches, Rule};
use super::run::{History, Row};
use super::sockets::Sockets;

/// The acts on pins, in the log.
pub(super) const ACTS: [&str; 2] = ["pin", "unpin"];
/// Pins of a session (docs/contract.md, Pins).
const MAX_PINS: usize = 3;

/// How much an event gives to judge.
pub(super) fn judged(event: &PinEvent) -> usize {
    usize::from(!matches!(event, PinEvent::Changing { .. } | PinEvent::Reading { .. }))
}

/// Each acknowledged act has an entry, and no entry is of an act that nobody asked for.
pub(super) fn acts(history: &History, breaches: &mut Breaches) {
    for (action, pinned) in [(ACTS[0], true), (ACTS[1], false)] {
        let count = |wanted: fn(&PinEvent, bool) -> bool| {
            let events = history.events.iter();
            events.filter(|event| matches!(event, Event::Pins(event) if wanted(event, pinned))).count()
        };
        let asked = count(|event, wanted| matches!(event, PinEvent::Changing { pinned, .. } if *pinned == wanted));
        let done = count(|event, wanted| matches!(event, PinEvent::Changed { pinned, .. } if *pinned == wanted));
        let entries = history.end.entries.iter().filter(|entry| entry.action == action).count();
        if !(done..=asked).contains(&entries) {
            breaches
                .add(Rule::Audit, format!("{entries} entries of {action}, but {done} of {asked} were acknowledged"));
        }
    }
}

/// See the module.
pub(super) fn pins(history: &History, breaches: &mut Breaches) {
    told(history, breaches);
    newest(history, breaches);
}

/// What the host's changes say of a message: it is surely pinned, surely not, or a change is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Pinned,
    Unpinned,
    Unknown,
}

/// What is known at a time.
#[derive(Clone, Default)]
struct Known {
    version: u64,
    wanted: BTreeMap<u64, Wanted>,
}

impl Known {
    /// What is wrong with pins that were read from then on, unless messages have left the room. A change since then is in `now`.
    fn differs(&self, now: &Known, pinned: &Pinned, has_left: impl Fn(u64) -> bool) -> Option<String> {
        if pinned.version < self.version {
            return Some(format!("version {} is older than {}", pinned.version, self.version));
        }
        let unchanged = self.wanted.iter().filter(|(id, wanted)| now.wanted.get(id) == Some(wanted));
        for (id, wanted) in unchanged {
            let is_there = pinned.ids.contains(id);
            match wanted {
                Wanted::Pinned if !is_there && !has_left(*id) => return Some(format!("{id} is pinned")),
                Wanted::Unpinned if is_there => return Some(format!("{id} is not pinned")),
                Wanted::Pinned | Wanted::Unpinned | Wanted::Unknown => {}
            }
        }
        None
    }
}

/// No socket hears of older pins after newer ones, and no read is older than what was told before it.
fn told(history: &History, breaches: &mut Breaches) {
    let left = left(history);
    let (mut known, mut reads): (Known, BTreeMap<u64, Known>) = Default::default();
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for event in &history.events {
        let Event::Pins(event) = event else { continue };
        let pinned = match event {
            PinEvent::Changing { id, .. } => {
                known.wanted.insert(*id, Wanted::Unknown);
                continue;
            }
            PinEvent::Changed { id, pinned } => {
                known.wanted.insert(*id, if *pinned { Wanted::Pinned } else { Wanted::Unpinned });
                continue;
            }
            PinEvent::Reading { read } => {
                reads.insert(*read, known.clone());
                continue;
            }
            PinEvent::Read { read, pinned, .. } => {
                let before = reads.remove(read).unwrap_or_default();
                if let Some(wrong) = before.differs(&known, pinned, |id| left.contains(&id)) {
                    breaches.add(Rule::Pins, format!("{pinned:?} was read, but {wrong}"));
                }
                pinned
            }
            PinEvent::Heard { socket, pinned } => {
                let before = last.insert(*socket, pinned.version).unwrap_or_default();
                // A broadcast that was killed may have left a post under way.
                if pinned.version < before && !history.may_repeat {
                    breaches.add(Rule::Pins, format!("socket {socket} heard of {pinned:?} after version {before}"));
                }
                pinned
            }
        };
        if pinned.ids.len() > MAX_PINS || pinned.ids.iter().any(|id| !known.wanted.contains_key(id)) {
            breaches.add(Rule::Pins, format!("{pinned:?} was told, which nobody pinned"));
        }
        known.version = known.version.max(pinned.version);
    }
    let (end, gone) = (&history.end.pinned, gone(history));
    if let Some(wrong) = known.differs(&known, end, |id| left.contains(&id)) {
        breaches.add(Rule::Pins, format!("at the end, {end:?} is told, but {wrong}"));
    }
    for id in end.ids.iter().filter(|id| gone.contains(id)) {
        breaches.add(Rule::Pins, format!("{id} has left the room, but is pinned at the end"));
    }
}

/// Every open socket knows the newest pins: from a frame, or from the `status` that its client read.
fn newest(history: &History, breaches: &mut Breaches) {
    if history.may_miss {
        return;
    }
    let told = |event: &Event| match event {
        Event::Pins(PinEvent::Heard { socket, pinned } | PinEvent::Read { socket: Some(socket), pinned, .. }) => {
            Some((*socket, pinned.version))
        }
        _ => None,
    };
    let version = history.end.pinned.version;
    for (socket, known) in Sockets::behind(history, version, told) {
        breaches.add(Rule::Pins, format!("socket {socket} knows version {known} of the pins, which is {version}"));
    }
}

/// Messages that are not in the room at the end. A run has one session, the first.
fn gone(history: &History) -> BTreeSet<u64> {
    let is_gone = |(seq, row): &(&u64, &Row)| row.text.is_none() || history.is_covered(**seq);
    history.end.rows.iter().filter(is_gone).map(|(seq, _)| IDS_PER_SESSION + seq).collect()
}

/// Messages that have left the room at some time, perhaps.
fn left(history: &History) -> BTreeSet<u64> {
    let mut left = gone(history);
    left.extend(history.deleted());
    left
}
