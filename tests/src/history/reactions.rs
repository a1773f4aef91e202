//! The rule about reactions: each acknowledged one counts once, and every open socket gets the last total.

use std::collections::BTreeMap;

use super::event::Event;
use super::rule::{Breaches, Rule};
use super::run::History;

/// What is known of the total at a moment.
#[derive(Clone, Default)]
struct Known {
    /// The reactions of each call that began and was not refused.
    possible: BTreeMap<u64, u64>,
    /// Those that count for sure.
    certain: u64,
}

impl Known {
    fn learn(&mut self, event: &Event) {
        match event {
            Event::Reacting { call, count } => drop(self.possible.insert(*call, *count)),
            Event::Reacted { call } => self.certain += self.possible.get(call).copied().unwrap_or_default(),
            Event::NotReacted { call } => drop(self.possible.remove(call)),
            _ => {}
        }
    }

    fn most(&self) -> u64 {
        self.possible.values().sum()
    }

    fn allows(&self, total: u64) -> bool {
        (self.certain..=self.most()).contains(&total)
    }
}

/// The shards hold what was acknowledged, and of the other calls all or nothing; `status` tells the same; nobody hears of more than
/// there can be; and every open socket got the last total, unless nothing changed since it was opened.
pub(super) fn reactions(history: &History, breaches: &mut Breaches) {
    let mut known = Known::default();
    let mut opened: BTreeMap<u64, (Known, Option<u64>)> = BTreeMap::new();
    for event in &history.events {
        known.learn(event);
        match event {
            Event::Opened { socket, .. } => drop(opened.insert(*socket, (known.clone(), None))),
            Event::Closed { socket } => drop(opened.remove(socket)),
            Event::HeardReactions { socket, total } => {
                if *total > known.most() {
                    breaches.add(Rule::Reactions, format!("socket {socket} heard of {total} reactions too early"));
                }
                if let Some((_, told)) = opened.get_mut(socket) {
                    *told = Some(*total);
                }
            }
            _ => {}
        }
    }
    let (counted, in_status) = history.end.reactions;
    if !known.allows(counted) {
        let what = format!("{counted} reactions count, but {} to {} are possible", known.certain, known.most());
        breaches.add(Rule::Reactions, what);
    }
    if in_status != counted {
        breaches.add(Rule::Reactions, format!("status tells {in_status} reactions, but there are {counted}"));
    }
    for (socket, (before, told)) in opened.iter().filter(|_| !history.may_miss) {
        if told.map_or(!before.allows(counted), |told| told != counted) {
            let what = format!("socket {socket} last heard of {told:?} reactions, but there are {counted}");
            breaches.add(Rule::Reactions, what);
        }
    }
}
