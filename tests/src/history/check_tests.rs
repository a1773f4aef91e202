//! Every rule fails on a bad history, and a good history passes.

mod audit;
mod covers;
mod deletions;
mod draws;
mod held;
mod likes;
mod moderated;
mod modes;
mod notices;
mod pins;
mod polls;
mod questions;
mod reactions;
mod sanctions;
mod told_events;

use std::collections::{BTreeMap, BTreeSet};

use shared::domain::moderation::modes::Modes;

use super::stored_poll::StoredPoll;
use super::*;

fn sending(send: u64, text: &str, key: Option<&str>, at: i64) -> Event {
    Event::Sending { send, user: "ann".to_owned(), text: text.to_owned(), key: key.map(str::to_owned), at }
}

fn acknowledged(send: u64, seq: u64, duplicate: bool, at: i64) -> Event {
    Event::Acknowledged { send, id: 100_000_000 + seq, duplicate, at }
}

fn opened(socket: u64) -> Event {
    Event::Opened { socket, client: "bob".to_owned() }
}

fn heard(socket: u64, seq: u64) -> Event {
    Event::Heard { socket, seq, text: format!("text {seq}") }
}

fn resumed(after: u64, seqs: &[u64], last_seq: u64) -> Event {
    Event::Resumed { socket: 1, after, seqs: seqs.to_vec(), last_seq, complete: true }
}

fn notifying(id: &str, audience: Audience) -> Event {
    Event::Notifying { id: id.to_owned(), audience }
}

fn heard_notice(socket: u64, id: &str) -> Event {
    Event::HeardNotice { socket, id: id.to_owned() }
}

fn row(text: &str) -> Row {
    Row { text: Some(text.to_owned()), user: Some("ann".to_owned()), ..Row::default() }
}

/// Two messages, both received, one like, everything in order.
fn good() -> History {
    let events = vec![
        Event::Arriving { user: "bob".to_owned() },
        opened(1),
        resumed(0, &[], 0),
        sending(1, "text 1", None, 0),
        acknowledged(1, 1, false, 10),
        heard(1, 1),
        sending(2, "text 2", Some("k"), 20),
        heard(1, 2),
        acknowledged(2, 2, false, 30),
        sending(3, "text 2", Some("k"), 40),
        acknowledged(3, 2, true, 50),
        Event::Liking { user: "bob".to_owned(), message: None },
        Event::Liked { user: "bob".to_owned(), message: None },
        Event::ReadingLikes { read: 1 },
        Event::ReadLikes { read: 1, message: None, likes: 1 },
        Event::HeardLikes { socket: 1, likes: 1 },
        resumed(0, &[1, 2], 2),
        notifying("1", Audience::Everybody),
        heard_notice(1, "1"),
    ];
    let two = Row { key: Some("k".to_owned()), ..row("text 2") };
    let end = End {
        rows: BTreeMap::from([(1, row("text 1")), (2, two)]),
        seq: 2,
        cursor: 2,
        total_messages: 2,
        total_likes: 1,
        session_likers: BTreeSet::from(["bob".to_owned()]),
        viewers: (1, BTreeSet::from(["bob".to_owned()])),
        viewers_heard: BTreeMap::from([(1, Some(1))]),
        ..End::default()
    };
    History { events, end, limit: 10, ..History::default() }
}

/// The rules that a changed history breaks.
fn broken(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    let mut history = good();
    change(&mut history);
    check(&history).into_iter().map(|breach| breach.rule).collect()
}

fn only(rule: Rule) -> BTreeSet<Rule> {
    BTreeSet::from([rule])
}

#[test]
fn a_good_history_breaks_nothing() {
    assert_eq!(check(&good()), []);
}

#[test]
fn an_acknowledged_message_without_a_row_or_with_another_text_is_lost() {
    let lost = broken(|history| history.events.push(acknowledged(1, 7, false, 60)));
    assert_eq!(lost, only(Rule::Lost));
    assert!(
        broken(|history| history.end.rows.get_mut(&1).unwrap().text = Some("other".to_owned())).contains(&Rule::Lost)
    );
    let told_otherwise =
        broken(|history| history.events.push(Event::ReadMessage { id: 100_000_001, text: "x".to_owned() }));
    assert_eq!(told_otherwise, only(Rule::Lost));
    let deleted_by_nobody = broken(|history| history.end.rows.get_mut(&1).unwrap().text = None);
    assert_eq!(deleted_by_nobody, only(Rule::Lost));
}

#[test]
fn a_text_or_a_key_in_two_rows_is_doubled() {
    let add = |history: &mut History, row: Row| {
        let text = row.text.clone().unwrap();
        history.end.rows.insert(3, row);
        (history.end.seq, history.end.cursor, history.end.total_messages) = (3, 3, 3);
        history.events.extend([Event::Heard { socket: 1, seq: 3, text }, resumed(0, &[1, 2, 3], 3)]);
    };
    assert_eq!(broken(|history| add(history, row("text 1"))), only(Rule::Doubled));
    let same_key = Row { key: Some("k".to_owned()), ..row("text 3") };
    assert_eq!(broken(|history| add(history, same_key)), only(Rule::Doubled));
    assert_eq!(broken(|history| add(history, row("text 3"))), BTreeSet::new());
    let twice_new = broken(|history| history.events[10] = acknowledged(3, 2, false, 50));
    assert_eq!(twice_new, only(Rule::Doubled));
}

#[test]
fn a_number_after_a_larger_one_is_out_of_order_and_a_repeat_needs_a_crash() {
    let swapped = |history: &mut History| history.events.swap(5, 7);
    assert_eq!(broken(swapped), only(Rule::OutOfOrder));
    let crashed = |history: &mut History| {
        history.may_repeat = true;
        swapped(history);
    };
    assert_eq!(broken(crashed), only(Rule::OutOfOrder), "a crash excuses no wrong order");
    let again = |history: &mut History| history.events.push(heard(1, 1));
    assert_eq!(broken(again), only(Rule::OutOfOrder));
    let again_after_a_crash = |history: &mut History| {
        history.may_repeat = true;
        again(history);
    };
    assert_eq!(broken(again_after_a_crash), BTreeSet::new());
}

#[test]
fn an_open_socket_misses_what_it_did_not_hear() {
    assert_eq!(broken(|history| drop(history.events.remove(7))), only(Rule::Missed));
    let nothing_at_all = broken(|history| history.events.retain(|event| !matches!(event, Event::Heard { .. })));
    assert_eq!(nothing_at_all, only(Rule::Missed));
    let closed = broken(|history| {
        history.events.remove(7);
        history.events.push(Event::Closed { socket: 1 });
    });
    assert_eq!(closed, BTreeSet::new(), "a socket that closed is repaired by resume");
}

#[test]
fn an_open_socket_hears_of_deletions() {
    let delete = |history: &mut History| {
        history.events.push(Event::Deleting { id: 100_000_001, by: "ann".to_owned() });
        history.end.rows.get_mut(&1).unwrap().text = None;
    };
    assert_eq!(broken(delete), only(Rule::Missed));
    let told = broken(|history| {
        delete(history);
        history.events.push(Event::HeardDeletion { socket: 1, id: 100_000_001 });
    });
    assert_eq!(told, BTreeSet::new());
}

#[test]
fn a_client_that_resumed_lacks_nothing() {
    let gap = broken(|history| {
        history.events.remove(7);
        history.events.push(Event::Closed { socket: 1 });
        *history.events.iter_mut().rfind(|event| matches!(event, Event::Resumed { .. })).unwrap() = resumed(0, &[1], 2);
    });
    assert_eq!(gap, only(Rule::NotRepaired));
    let never = broken(|history| history.events.retain(|event| !matches!(event, Event::Resumed { .. })));
    assert_eq!(never, only(Rule::NotRepaired));
}

#[test]
fn more_viewers_than_have_come_are_wrong_where_no_answer_is_lost() {
    let more = |history: &mut History| history.events.push(Event::HeardViewers { socket: 1, viewers: 2 });
    assert_eq!(broken(more), only(Rule::Viewers));
    let doubled_for_a_minute = broken(|history| {
        more(history);
        history.may_repeat = true;
    });
    assert_eq!(doubled_for_a_minute, BTreeSet::new());
    for last in [None, Some(2)] {
        assert_eq!(broken(|history| history.end.viewers_heard = [(1, last)].into()), only(Rule::Viewers));
    }
}

#[test]
fn what_is_not_documented_is_a_breach() {
    let undocumented = broken(|history| history.events.push(Event::Undocumented { what: "a frame".to_owned() }));
    assert_eq!(undocumented, only(Rule::Undocumented));
}

#[test]
fn every_rule_has_something_to_judge() {
    let mut history = good();
    history.events.push(Event::HeardViewers { socket: 1, viewers: 1 });
    history.events.push(Event::Covered { act: 1, user: None, up_to: 0 });
    history.events.push(Event::Answered { ask: 1, ids: Vec::new() });
    history.events.push(Event::HeardCover { socket: 1, seq: 1, user: None, up_to: 0, is_resumed: false });
    history.events.push(Event::HeardEvent { socket: 1, seq: 1, name: "goal".to_owned(), is_resumed: true });
    history.events.push(Event::HeardReactions { socket: 1, total: 0 });
    polls::with_poll(&mut history);
    pins::with_pins(&mut history);
    history.events.push(DrawEvent::Started(Draw::default()).into());
    history.events.push(QuestionEvent::Asked { id: 100_000_001 }.into());
    history.events.push(Event::Sanctioned { user: "ann".to_owned(), id: "act 1".to_owned() });
    history.events.push(Event::Arriving { user: "ann".to_owned() });
    moderated::approved(&mut history);
    modes::set(&mut history, Modes { emoji_only: true, ..Modes::default() });
    history.events.extend(modes::refused_send("emoji_only"));
    history.events.push(Moderation::HeardForStaff { socket: 1, frame: "message_held".to_owned() }.into());
    (history.end.looked_at, history.documented) = (1, 1);
    let idle: Vec<Rule> = judged(&history).into_iter().filter(|(_, count)| *count == 0).map(|(rule, _)| rule).collect();
    assert_eq!(idle, []);
    assert_eq!(judged(&History::default()).values().sum::<u64>(), 0);
}

#[test]
fn one_message_more_than_the_limit_within_a_minute_is_too_many() {
    assert_eq!(broken(|history| history.limit = 1), only(Rule::RateLimit));
    let spread = broken(|history| {
        history.limit = 1;
        history.events[8] = acknowledged(2, 2, false, 60_000);
    });
    assert_eq!(spread, BTreeSet::new(), "they may have been admitted a minute apart");
    let the_clock_went_back = broken(|history| {
        history.limit = 1;
        history.events.insert(6, Event::ClockWentBack);
    });
    assert_eq!(the_clock_went_back, BTreeSet::new(), "its times do not tell how far they were apart");
}

#[test]
fn the_end_is_checked() {
    assert_eq!(broken(|history| history.end.viewers.0 = 2), only(Rule::Viewers));
    assert_eq!(broken(|history| history.end.cursor = 1), only(Rule::LeftBehind));
    assert_eq!(broken(|history| history.end.left.push("a lease".to_owned())), only(Rule::LeftBehind));
    assert_eq!(broken(|history| history.end.total_messages = 3), only(Rule::LeftBehind));
    let unsettled = broken(|history| (history.end.seq, history.end.cursor) = (3, 3));
    assert_eq!(unsettled, only(Rule::LeftBehind));
}
