//! The rule about the audit log: an act and its entry are never apart. Each acknowledged act has one entry, each entry is of an act that
//! was asked for, and what the tables hold at the end is what the entries say.

use std::collections::{BTreeMap, BTreeSet};

use shared::domain::moderation::modes::Modes;

use super::deletions::{DELETION, deletions};
use super::event::Event;
use super::moderation::{Deed, LogEntry, Moderation};
use super::rule::{Breaches, Rule};
use super::run::History;
use super::{draws, pins, polls, questions};

/// An act as it was asked for, and the ids that it was acknowledged with.
struct Act<'a> {
    by: &'a str,
    deed: &'a Deed,
    modes: Modes,
    ids: BTreeSet<&'a str>,
}

/// Judges the log.
pub(super) fn audit(history: &History, breaches: &mut Breaches) {
    let acts = acts(history);
    acknowledged(history, &acts, breaches);
    conflicts(history, &acts, breaches);
    entries(history, &acts, breaches);
    decisions(history, breaches);
    deletions(history, breaches);
    standings(history, &acts, breaches);
    modes(history, &acts, breaches);
    polls::acts(history, breaches);
    pins::acts(history, breaches);
    draws::acts(history, breaches);
    questions::acts(history, breaches);
}

/// How much there was to judge.
pub(super) fn judged(history: &History) -> usize {
    history.end.entries.len()
}

/// The acts in the order in which they were asked for.
fn acts(history: &History) -> BTreeMap<u64, Act<'_>> {
    let mut acts: BTreeMap<u64, Act<'_>> = BTreeMap::new();
    for event in &history.events {
        match event {
            Event::Moderation(Moderation::Asking { act, by, deed, modes }) => {
                acts.insert(*act, Act { by, deed, modes: *modes, ids: BTreeSet::new() });
            }
            Event::Moderation(Moderation::Done { act, id, .. }) => {
                acts.entry(*act).and_modify(|act| act.ids.extend([id.as_str()]));
            }
            _ => {}
        }
    }
    acts
}

/// An acknowledged act has one entry, which says what was done and by whom. Its repeats are answered by that entry.
fn acknowledged(history: &History, acts: &BTreeMap<u64, Act<'_>>, breaches: &mut Breaches) {
    for Act { by, deed, ids, .. } in acts.values() {
        if ids.len() > 1 {
            breaches.add(Rule::Audit, format!("{deed:?} by {by} was answered with several entries: {ids:?}"));
        }
        for id in ids {
            let found: Vec<&LogEntry> = history.end.entries.iter().filter(|entry| entry.id == **id).collect();
            let is_right =
                |entry: &LogEntry| entry.deed().as_ref() == Some(deed) && entry.actor.as_deref() == Some(*by);
            if !matches!(found.as_slice(), [entry] if is_right(entry)) {
                breaches
                    .add(Rule::Audit, format!("{deed:?} by {by} was acknowledged as {id}, but the log has {found:?}"));
            }
        }
    }
}

/// No act is refused because of itself: repeated under its key, it answers its entry.
fn conflicts(history: &History, acts: &BTreeMap<u64, Act<'_>>, breaches: &mut Breaches) {
    for event in &history.events {
        let Event::Moderation(Moderation::Conflict { act, detail }) = event else { continue };
        let Some(Act { by, deed, .. }) = acts.get(act).filter(|act| act.deed.held_id().is_some()) else { continue };
        let times = acts.values().filter(|other| other.by == *by && other.deed == *deed).count();
        let is_own = |entry: &&LogEntry| entry.actor.as_deref() == Some(*by) && entry.deed().as_ref() == Some(deed);
        if times == 1 && history.end.entries.iter().filter(is_own).any(|entry| detail.contains(&entry.id)) {
            breaches.add(Rule::Audit, format!("{deed:?} by {by} was refused because of itself: {detail}"));
        }
    }
}

/// No more entries than acts that were asked for, and what the chat itself decided has a cause.
fn entries(history: &History, acts: &BTreeMap<u64, Act<'_>>, breaches: &mut Breaches) {
    let mut asked: BTreeMap<(&str, Deed), usize> = BTreeMap::new();
    for act in acts.values() {
        *asked.entry((act.by, act.deed.clone())).or_default() += 1;
    }
    let mut ids = BTreeSet::new();
    for entry in &history.end.entries {
        if !ids.insert(&entry.id) {
            breaches.add(Rule::Audit, format!("the log has {} twice", entry.id));
        }
        // That is no act under a key: its message tells more.
        let action = entry.action.as_str();
        if action == DELETION
            || [&polls::ACTS[..], &pins::ACTS, &draws::ACTS, &questions::ACTS].concat().contains(&action)
        {
            continue;
        }
        let is_explained = match (&entry.actor, entry.deed()) {
            (Some(by), Some(deed)) => match asked.get_mut(&(by.as_str(), deed)) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    true
                }
                _ => false,
            },
            (None, Some(Deed::Deny(_))) => match entry.cause.as_deref() {
                Some("action") => history.end.entries.iter().any(|act| Some(&act.id) == entry.because_of.as_ref()),
                cause => cause.is_some(),
            },
            _ => false,
        };
        if !is_explained {
            breaches.add(Rule::Audit, format!("nobody asked for {entry:?}"));
        }
    }
}

/// Decisions on held messages and their entries name each other.
fn decisions(history: &History, breaches: &mut Breaches) {
    for entry in &history.end.entries {
        let Some(held_id) = &entry.held_id else { continue };
        let row = history.end.held.get(held_id);
        let agrees = row.and_then(|row| row.decision.as_ref()).is_some_and(|(decision, id, message_id)| {
            let is_named = *id == entry.id && message_id.iter().copied().collect::<Vec<_>>() == entry.message_ids;
            is_named && (decision == "approved") == (entry.action == "approve")
        });
        if !agrees {
            breaches.add(Rule::Audit, format!("{entry:?} has another effect: {row:?}"));
        }
    }
    for (held_id, row) in &history.end.held {
        let Some((_, id, _)) = &row.decision else { continue };
        if !history.end.entries.iter().any(|entry| entry.id == *id && entry.held_id.as_ref() == Some(held_id)) {
            breaches.add(Rule::Audit, format!("the decision on {held_id} has no entry: {row:?}"));
        }
    }
}

/// A standing changed once for each of its entries, and what holds is of the act that was asked for last.
fn standings(history: &History, acts: &BTreeMap<u64, Act<'_>>, breaches: &mut Breaches) {
    let is_of = |deed: &Deed, user: &str| matches!(deed, Deed::Ban(who) | Deed::Lift(who) if who == user);
    let mut users: BTreeSet<&str> = history.end.standings.keys().map(String::as_str).collect();
    users.extend(history.end.entries.iter().filter_map(|entry| match entry.action.as_str() {
        "ban" | "lift" => entry.user.as_deref(),
        _ => None,
    }));
    for user in users {
        let row = history.end.standings.get(user).cloned().unwrap_or_default();
        let deeds = history.end.entries.iter().filter_map(LogEntry::deed);
        let changes = deeds.filter(|deed| is_of(deed, user)).count() as u64;
        let last = acts.values().rfind(|act| is_of(act.deed, user));
        let holds = row.sanctions.iter().map(String::as_str).collect::<BTreeSet<_>>();
        let is_right = match last {
            Some(Act { deed: Deed::Ban(_), ids, .. }) if !ids.is_empty() => holds == *ids,
            Some(Act { deed: Deed::Lift(_), ids, .. }) if !ids.is_empty() => holds.is_empty(),
            _ => true,
        };
        if row.version != changes || !is_right {
            let what = format!("{user} has {changes} entries, but the standing {row:?}");
            breaches.add(Rule::Audit, what);
        }
    }
}

/// The modes were set once for each of their entries, and those that judge are those that were set last.
fn modes(history: &History, acts: &BTreeMap<u64, Act<'_>>, breaches: &mut Breaches) {
    let row = &history.end.modes;
    let changes = history.end.entries.iter().filter(|entry| entry.action == "set_modes").count() as u64;
    let last = acts.values().rfind(|act| *act.deed == Deed::SetModes && !act.ids.is_empty());
    let asked_last = acts.values().rfind(|act| *act.deed == Deed::SetModes);
    let is_certain = asked_last.is_some_and(|act| !act.ids.is_empty());
    let is_right = last.is_none_or(|act| !is_certain || (row.set == act.modes && row.in_force == act.modes));
    if row.version != changes || !is_right {
        breaches.add(Rule::Audit, format!("the modes have {changes} entries, but are {row:?}"));
    }
}
