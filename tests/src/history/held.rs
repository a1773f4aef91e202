//! The rules about held messages: each has one decision at most, everybody is told of that one, and nobody sees the text before.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::moderation::{Deed, Heard, HeldRow, Moderation};
use super::rule::{Breaches, Rule};
use super::run::History;
use super::sockets::Sockets;

/// Judges the held messages.
pub(super) fn held(history: &History, breaches: &mut Breaches) {
    for (id, row) in &history.end.held {
        if row.waits == row.decision.is_some() {
            breaches.add(Rule::HeldOnce, format!("{id} waits, or was decided on, but not one of both: {row:?}"));
        }
        is_stored_as_decided(history, id, row, breaches);
    }
    answers(history, breaches);
    texts(history, breaches);
    frames(history, breaches);
}

/// How much there was to judge.
pub(super) fn judged(history: &History) -> usize {
    history.end.held.len()
}

fn decision_of<'a>(history: &'a History, held_id: &str) -> Option<&'a (String, String, Option<u64>)> {
    history.end.held.get(held_id).and_then(|row| row.decision.as_ref())
}

/// An approved message is stored under its number, and any other nowhere.
fn is_stored_as_decided(history: &History, id: &str, row: &HeldRow, breaches: &mut Breaches) {
    let approved = row.decision.as_ref().and_then(|(_, _, message_id)| *message_id).map(|id| id % IDS_PER_SESSION);
    if row.decision.as_ref().is_some_and(|(decision, ..)| (decision == "approved") != approved.is_some()) {
        breaches.add(Rule::HeldOnce, format!("{id} was decided on, but has another outcome: {row:?}"));
    }
    let places: Vec<u64> = history
        .end
        .rows
        .iter()
        .filter(|(_, stored)| stored.text.as_deref() == Some(&row.text) && stored.user.as_deref() == Some(&row.user))
        .map(|(seq, _)| *seq)
        .collect();
    // Somebody may have deleted it since.
    let is_deleted = |seq: &u64| history.end.rows.get(seq).is_some_and(|stored| stored.text.is_none() && !stored.void);
    let expected: Vec<u64> = approved.iter().copied().filter(|seq| !is_deleted(seq)).collect();
    if places != expected {
        breaches.add(Rule::HeldOnce, format!("{id} is stored as {places:?} instead of {expected:?}: {row:?}"));
    }
}

/// What senders and moderators were answered agrees with the decision.
fn answers(history: &History, breaches: &mut Breaches) {
    let mut asked: BTreeMap<u64, &Deed> = BTreeMap::new();
    for event in &history.events {
        let Event::Moderation(event) = event else { continue };
        let wrong = match event {
            Moderation::Asking { act, deed, .. } => {
                asked.insert(*act, deed);
                false
            }
            Moderation::Held { held_id, status, .. } if status == "held" => !history.end.held.contains_key(held_id),
            Moderation::Held { held_id, status, .. } => {
                decision_of(history, held_id).is_none_or(|(decision, ..)| decision != status)
            }
            Moderation::Done { act, id, message_id } => match asked.get(act) {
                Some(Deed::Approve(held_id)) => {
                    decision_of(history, held_id) != Some(&("approved".to_owned(), id.clone(), *message_id))
                }
                Some(Deed::Deny(held_id)) => {
                    decision_of(history, held_id) != Some(&("denied".to_owned(), id.clone(), None))
                }
                _ => false,
            },
            // An answer that names a first decision names the one that holds.
            Moderation::Conflict { act, detail } if detail.contains("already, by the action") => {
                let first = asked.get(act).and_then(|deed| decision_of(history, deed.held_id()?));
                first.is_none_or(|(decision, id, _)| {
                    !detail.contains(&format!(" {decision} already, by the action {id}"))
                })
            }
            _ => false,
        };
        if wrong {
            breaches.add(Rule::HeldOnce, format!("{event:?} is not what became of it"));
        }
    }
}

/// Nobody is sent the text of a held message before its approval was asked for.
fn texts(history: &History, breaches: &mut Breaches) {
    let held: BTreeMap<&str, &str> =
        history.end.held.iter().map(|(id, row)| (row.text.as_str(), id.as_str())).collect();
    let mut approving: BTreeSet<&str> = BTreeSet::new();
    for event in &history.events {
        let (Event::Heard { text, .. } | Event::ReadMessage { text, .. }) = event else {
            if let Event::Moderation(Moderation::Asking { deed: Deed::Approve(id), .. }) = event {
                approving.insert(id);
            }
            continue;
        };
        if let Some(id) = held.get(text.as_str()).filter(|id| !approving.contains(*id)) {
            breaches.add(Rule::HeldOnce, format!("{event:?} is of {id}, which nobody had approved"));
        }
    }
}

/// The frames that came: to which socket, whether it was the author's outcome, and of which held message.
type Told<'a> = BTreeSet<(u64, bool, &'a str)>;

/// Each frame tells the decision that holds, and only the author hears an outcome.
fn frames(history: &History, breaches: &mut Breaches) {
    let (sockets, mut told) = (Sockets::of(history), Told::new());
    for event in &history.events {
        let (heard, is_outcome) = match event {
            Event::Moderation(Moderation::HeardOutcome(heard)) => (heard, true),
            Event::Moderation(Moderation::HeardDecision(heard)) => (heard, false),
            _ => continue,
        };
        let Heard { socket, held_id, decision, message_id } = heard;
        let holds = decision_of(history, held_id).is_some_and(|(holds, _, id)| holds == decision && id == message_id);
        if !holds {
            breaches.add(Rule::HeldOnce, format!("{heard:?} is not what became of it"));
        }
        let author = history.end.held.get(held_id).map(|row| row.user.as_str());
        if is_outcome && sockets.client(*socket) != author {
            breaches.add(Rule::HeldOnce, format!("{heard:?} was for {author:?}"));
        }
        if !told.insert((*socket, is_outcome, held_id)) && !history.may_repeat {
            breaches.add(Rule::HeldOnce, format!("{heard:?} came again"));
        }
    }
    if !history.may_miss {
        missed(history, &sockets, &told, breaches);
    }
}

/// A socket of its audience that stays open misses nothing of a decision in person.
fn missed(history: &History, sockets: &Sockets<'_>, told: &Told<'_>, breaches: &mut Breaches) {
    for (held_id, place) in decided(history) {
        let author = history.end.held.get(held_id).map(|row| row.user.as_str()).unwrap_or_default();
        for (socket, client) in sockets.open_since(place) {
            let audience = [(true, client == author), (false, history.staff.contains(client))];
            for (is_outcome, _) in audience.iter().filter(|(_, is_in_it)| *is_in_it) {
                if !told.contains(&(socket, *is_outcome, held_id)) {
                    let what =
                        format!("socket {socket} of {client} stayed open, but never heard what became of {held_id}");
                    breaches.add(Rule::HeldOnce, what);
                }
            }
        }
    }
}

/// The held messages on which an acknowledged act decided, and the positions in the history at which it was asked for.
fn decided(history: &History) -> BTreeMap<&str, usize> {
    let mut asked: BTreeMap<u64, (usize, &str)> = BTreeMap::new();
    let mut decided = BTreeMap::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Moderation(Moderation::Asking { act, deed, .. }) => {
                asked.extend(deed.held_id().map(|id| (*act, (place, id))));
            }
            Event::Moderation(Moderation::Done { act, .. }) => {
                decided.extend(asked.get(act).map(|(at, id)| (*id, *at)))
            }
            _ => {}
        }
    }
    decided
}
