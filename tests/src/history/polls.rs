//! The rule about polls: every vote counts once, the result is that of the votes, and everybody hears of it.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;
use super::rule::{Breaches, Rule};
use super::run::History;

/// What is known of a user's votes in a poll.
#[derive(Default)]
struct Known {
    begun: Vec<usize>,
    acknowledged: Vec<usize>,
}

/// The acts on polls, in the log.
pub(super) const ACTS: [&str; 2] = ["start_poll", "close_poll"];

/// Each poll was started by one act, and closed by one at most, which somebody asked for.
pub(super) fn acts(history: &History, breaches: &mut Breaches) {
    let entries = |action: &str| history.end.entries.iter().filter(|entry| entry.action == action).count();
    let (started, polls) = (entries(ACTS[0]), history.end.polls.len());
    if started != polls {
        breaches.add(Rule::Audit, format!("{polls} polls have {started} entries of their start"));
    }
    let closing = history.events.iter().filter(|event| matches!(event, Event::ClosingPoll { .. })).count();
    let closed = entries(ACTS[1]);
    if closed > closing {
        breaches.add(Rule::Audit, format!("{closed} polls were closed, and {closing} should have been"));
    }
}

/// See the module.
pub(super) fn polls(history: &History, breaches: &mut Breaches) {
    let mut known: BTreeMap<(u64, &str), Known> = BTreeMap::new();
    let (mut opened, mut closed): (BTreeMap<u64, usize>, BTreeSet<u64>) = Default::default();
    let mut closing: BTreeMap<u64, usize> = BTreeMap::new();
    let mut last: BTreeMap<(u64, u64), (bool, Vec<u64>)> = BTreeMap::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Opened { socket, .. } => drop(opened.insert(*socket, place)),
            Event::Closed { socket } => drop(closed.insert(*socket)),
            Event::Voting { poll, user, option } => known.entry((*poll, user)).or_default().begun.push(*option),
            Event::Voted { poll, user, option } => known.entry((*poll, user)).or_default().acknowledged.push(*option),
            Event::ClosingPoll { poll } => drop(closing.entry(*poll).or_insert(place)),
            Event::HeardPoll { socket, poll, is_over, votes } => {
                let voters = known.keys().filter(|(of, _)| of == poll).count() as u64;
                if votes.iter().sum::<u64>() > voters {
                    breaches
                        .add(Rule::Polls, format!("socket {socket} heard of {votes:?}, but {voters} users have voted"));
                }
                last.insert((*socket, *poll), (*is_over, votes.clone()));
            }
            _ => {}
        }
    }
    for (id, poll) in &history.end.polls {
        let expected: Vec<u64> = (0..poll.counted.len()).map(|option| poll.votes_of(option)).collect();
        if poll.counted != expected || poll.result.as_ref().is_some_and(|result| *result != expected) {
            breaches.add(Rule::Polls, format!("poll {id} has {expected:?} votes, but counts {poll:?}"));
        }
        if poll.result.is_none() && closing.contains_key(id) {
            breaches.add(Rule::Polls, format!("poll {id} was closed, but has no result"));
        }
        // Those that were open before the end began, and still are.
        let closing = closing.get(id).copied().unwrap_or_default();
        for (socket, _) in opened.iter().filter(|(socket, at)| **at < closing && !closed.contains(socket)) {
            let told = last.get(&(*socket, *id));
            if !history.may_miss && told != poll.result.clone().map(|result| (true, result)).as_ref() {
                breaches.add(Rule::Polls, format!("socket {socket} last heard {told:?} of poll {id}: {poll:?}"));
            }
        }
    }
    for ((id, user), known) in known {
        let stored = history.end.polls.get(&id).and_then(|poll| poll.votes.get(user));
        // Each try of a vote has one answer at most: where all have one, the last vote is the vote.
        let is_clear = known.begun.len() == known.acknowledged.len();
        let is_right = match stored {
            Some(vote) if is_clear => known.acknowledged.last() == Some(vote),
            Some(vote) => known.begun.contains(vote),
            None => known.acknowledged.is_empty(),
        };
        if !is_right {
            breaches
                .add(Rule::Polls, format!("{user} voted {:?} in poll {id}, but the row is {stored:?}", known.begun));
        }
    }
}
