//! The rule about questions: each stands in the list once, with its votes and its mark, until it leaves the room.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::question_events::{ListedQuestion, QuestionEvent};
use super::rule::{Breaches, Rule};
use super::run::{History, Row};

/// The act on questions, in the log.
pub(super) const ACTS: [&str; 1] = ["answer"];

/// How much an event gives to judge.
pub(super) fn judged(event: &QuestionEvent) -> usize {
    match event {
        QuestionEvent::Asked { .. } | QuestionEvent::Marked { .. } | QuestionEvent::Heard { .. } => 1,
        QuestionEvent::Read { listed, .. } => listed.len(),
        QuestionEvent::Asking { .. }
        | QuestionEvent::Reading { .. }
        | QuestionEvent::Marking { .. }
        | QuestionEvent::Gone { .. } => 0,
    }
}

/// A question has an entry for each change of its mark.
pub(super) fn acts(history: &History, breaches: &mut Breaches) {
    let mut marking: BTreeMap<u64, usize> = BTreeMap::new();
    for event in events(history) {
        if let QuestionEvent::Marking { id, .. } = event {
            *marking.entry(*id).or_default() += 1;
        }
    }
    for (seq, row) in &history.end.rows {
        let id = IDS_PER_SESSION + seq;
        let of = |ids: &[u64]| ids.contains(&id);
        let entries =
            history.end.entries.iter().filter(|entry| entry.action == ACTS[0] && of(&entry.message_ids)).count();
        let is_right = row.text.is_none() || (entries % 2 == 1) == (row.question == Some(true));
        if !is_right || entries > marking.get(&id).copied().unwrap_or_default() {
            breaches.add(Rule::Audit, format!("{entries} entries mark {id}: {row:?}"));
        }
    }
}

/// See the module.
pub(super) fn questions(history: &History, breaches: &mut Breaches) {
    stored(history, breaches);
    listed(history, breaches);
    read(history, breaches);
    marked(history, breaches);
}

fn events(history: &History) -> impl Iterator<Item = &QuestionEvent> {
    history.events.iter().filter_map(|event| if let Event::Questions(event) = event { Some(event) } else { None })
}

fn row(history: &History, id: u64) -> Option<&Row> {
    history.end.rows.get(&(id % IDS_PER_SESSION))
}

/// What was asked is a question, held or not, and nothing else is.
fn stored(history: &History, breaches: &mut Breaches) {
    let asked: BTreeSet<&str> = events(history)
        .filter_map(|event| if let QuestionEvent::Asking { text } = event { Some(text.as_str()) } else { None })
        .collect();
    for (seq, row) in &history.end.rows {
        if row.text.as_deref().is_some_and(|text| asked.contains(text) != row.question.is_some()) {
            breaches.add(Rule::Questions, format!("{seq} is a question, or is not: {row:?}"));
        }
    }
    for event in events(history) {
        if let QuestionEvent::Asked { id } = event
            && row(history, *id).is_none_or(|row| row.void)
        {
            breaches.add(
                Rule::Questions,
                format!("the question {id} was acknowledged, but the row is {:?}", row(history, *id)),
            );
        }
    }
}

/// The list has every question that stands, with what its rows say, in its order.
fn listed(history: &History, breaches: &mut Breaches) {
    let standing = history.end.rows.iter().filter(|(seq, row)| row.text.is_some() && !history.is_covered(**seq));
    let voters = |seq: &u64| history.end.message_likers.get(seq).map_or(0, BTreeSet::len) as u64;
    let question = |(seq, row): (&u64, &Row)| {
        let (id, likes) = (IDS_PER_SESSION + seq, voters(seq));
        row.question.map(|answered| ListedQuestion { id, likes, answered })
    };
    let mut expected: Vec<ListedQuestion> = standing.filter_map(question).collect();
    expected.sort_by_key(|question| (std::cmp::Reverse(question.likes), question.id));
    let found = &history.end.questions;
    if *found != expected {
        breaches.add(Rule::Questions, format!("{found:?} are listed, but there are {expected:?}"));
    }
}

/// What is certain of questions at a moment: those that stand, and the marks that are not being changed.
#[derive(Clone, Default)]
struct Known {
    asked: BTreeSet<u64>,
    marks: BTreeMap<u64, bool>,
}

/// A list has each question that was acknowledged before it was asked for, once, in its place, and with the mark that was acknowledged.
fn read(history: &History, breaches: &mut Breaches) {
    let (mut known, mut reads, mut marking): (Known, BTreeMap<u64, Known>, BTreeSet<u64>) = Default::default();
    let deleted = history.deleted();
    let stays = |id: &&u64| !deleted.contains(id) && !history.is_covered(*id % IDS_PER_SESSION);
    for event in events(history) {
        match event {
            QuestionEvent::Asked { id } => drop(known.asked.insert(*id)),
            QuestionEvent::Reading { read } => drop(reads.insert(*read, known.clone())),
            QuestionEvent::Marking { id, .. } => {
                marking.insert(*id);
                for known in reads.values_mut().chain([&mut known]) {
                    known.marks.remove(id);
                }
            }
            QuestionEvent::Marked { id, answered } => drop(known.marks.insert(*id, *answered)),
            QuestionEvent::Read { read, by_age, listed } => {
                let before = reads.remove(read).unwrap_or_default();
                let ids: BTreeSet<u64> = listed.iter().map(|question| question.id).collect();
                let is_wrong = |question: &&ListedQuestion| {
                    let mark = before.marks.get(&question.id).copied();
                    let is_unmarked = !marking.contains(&question.id) && question.answered;
                    let is_other =
                        row(history, question.id).is_none_or(|row| row.text.is_some() && row.question.is_none());
                    mark.is_some_and(|mark| mark != question.answered) || is_unmarked || is_other
                };
                let missing: Vec<&u64> = before.asked.difference(&ids).filter(stays).collect();
                let wrong: Vec<&ListedQuestion> = listed.iter().filter(is_wrong).collect();
                let is_sorted = match by_age {
                    true => listed.is_sorted_by_key(|question| std::cmp::Reverse(question.id)),
                    false => listed.is_sorted_by_key(|question| (std::cmp::Reverse(question.likes), question.id)),
                };
                if ids.len() != listed.len() || !is_sorted || !missing.is_empty() || !wrong.is_empty() {
                    breaches
                        .add(Rule::Questions, format!("{listed:?} were listed: {missing:?} missing, {wrong:?} wrong"));
                }
            }
            QuestionEvent::Asking { .. } | QuestionEvent::Gone { .. } | QuestionEvent::Heard { .. } => {}
        }
    }
}

/// An acknowledged mark holds, is refused only of what has left the room, and is the last that every open socket hears.
fn marked(history: &History, breaches: &mut Breaches) {
    let (mut opened, mut last, mut began): (BTreeMap<u64, usize>, BTreeMap<u64, bool>, BTreeMap<u64, usize>) =
        Default::default();
    let mut seen: BTreeSet<(u64, &str)> = BTreeSet::new();
    let mut heard: BTreeMap<(u64, u64), bool> = BTreeMap::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Opened { socket, .. } => drop(opened.insert(*socket, place)),
            Event::Closed { socket } => drop(opened.remove(socket)),
            Event::Questions(QuestionEvent::Marking { id, .. }) => drop(began.insert(*id, place)),
            Event::Questions(QuestionEvent::Marked { id, answered }) => drop(last.insert(*id, *answered)),
            Event::Questions(QuestionEvent::Gone { id }) => {
                last.remove(id);
                if !history.deleted().contains(id) && !history.is_covered(*id % IDS_PER_SESSION) {
                    breaches.add(Rule::Questions, format!("{id} stands, but could not be marked"));
                }
            }
            // A notice that comes again is no news.
            Event::Questions(QuestionEvent::Heard { socket, notice, id, answered })
                if seen.insert((*socket, notice)) =>
            {
                heard.insert((*socket, *id), *answered);
            }
            _ => {}
        }
    }
    for (id, answered) in last {
        let row = row(history, id);
        if row.is_none_or(|row| row.text.is_some() && row.question != Some(answered)) {
            breaches.add(Rule::Questions, format!("{id} was marked as {answered}, but the row is {row:?}"));
        }
        for (socket, _) in opened.iter().filter(|(_, at)| **at < began[&id] && !history.may_miss) {
            let told = heard.get(&(*socket, id));
            if told != Some(&answered) {
                breaches
                    .add(Rule::Questions, format!("socket {socket} last heard {told:?} of {id}, which is {answered}"));
            }
        }
    }
}
