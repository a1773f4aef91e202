//! Polls whose votes are lost, counted twice, changed, or not told.

use super::*;

fn heard_poll(is_over: bool, votes: [u64; 2]) -> Event {
    Event::HeardPoll { socket: 1, poll: 10_001, is_over, votes: votes.to_vec() }
}

pub(super) fn voted(user: &str, option: usize) -> [Event; 2] {
    let user = user.to_owned();
    [Event::Voting { poll: 10_001, user: user.clone(), option }, Event::Voted { poll: 10_001, user, option }]
}

/// A good history with a poll: ann and bob vote, and bob changes the vote.
pub(super) fn with_poll(history: &mut History) {
    history.events.extend(voted("ann", 0));
    history.events.extend(voted("bob", 0));
    history.events.push(heard_poll(false, [2, 0]));
    history.events.extend(voted("bob", 1));
    history.events.push(Event::ClosingPoll { poll: 10_001 });
    history.events.push(heard_poll(true, [1, 1]));
    let votes = [("ann".to_owned(), 0), ("bob".to_owned(), 1)].into();
    let poll = StoredPoll { result: Some(vec![1, 1]), counted: vec![1, 1], votes };
    history.end.polls.insert(10_001, poll);
    history.end.entries.extend(["start_poll", "close_poll"].map(entry));
    history.end.log.extend(history.end.entries.iter().map(|entry| entry.id.clone()));
}

/// The entry of a host's act.
pub(super) fn entry(action: &str) -> LogEntry {
    LogEntry { id: action.to_owned(), action: action.to_owned(), actor: Some("host".to_owned()), ..LogEntry::default() }
}

fn broken_with_poll(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        with_poll(history);
        change(history);
    })
}

fn stored(history: &mut History) -> &mut StoredPoll {
    history.end.polls.get_mut(&10_001).expect("the poll")
}

#[test]
fn a_poll_whose_votes_all_count_is_good() {
    assert_eq!(broken_with_poll(|_| {}), BTreeSet::new());
}

#[test]
fn a_tally_or_a_result_that_is_not_that_of_the_votes_is_wrong() {
    assert_eq!(broken_with_poll(|history| stored(history).counted = vec![2, 1]), only(Rule::Polls));
    let other = |history: &mut History| {
        stored(history).result = Some(vec![2, 0]);
        history.events.push(heard_poll(true, [2, 0]));
    };
    assert_eq!(broken_with_poll(other), only(Rule::Polls));
    assert_eq!(broken_with_poll(|history| stored(history).result = None), only(Rule::Polls), "it was closed");
}

#[test]
fn an_acknowledged_vote_that_is_lost_or_another_one_is_wrong() {
    let lost = |history: &mut History| {
        let poll = stored(history);
        poll.votes.remove("ann");
        (poll.counted, poll.result) = (vec![0, 1], Some(vec![0, 1]));
        history.events.push(heard_poll(true, [0, 1]));
    };
    assert_eq!(broken_with_poll(lost), only(Rule::Polls));
    let unchanged = |history: &mut History| {
        let poll = stored(history);
        poll.votes.insert("bob".to_owned(), 0);
        (poll.counted, poll.result) = (vec![2, 0], Some(vec![2, 0]));
        history.events.push(heard_poll(true, [2, 0]));
    };
    assert_eq!(broken_with_poll(unchanged), only(Rule::Polls));
    let unclear = |history: &mut History| {
        unchanged(history);
        // A try without an answer may have taken effect last.
        history.events.push(Event::Voting { poll: 10_001, user: "bob".to_owned(), option: 0 });
    };
    assert_eq!(broken_with_poll(unclear), BTreeSet::new());
}

#[test]
fn a_poll_without_its_entry_and_an_entry_too_many_are_apart() {
    let without = |history: &mut History| history.end.entries.retain(|entry| entry.action != "start_poll");
    assert_eq!(broken_with_poll(without), only(Rule::Audit));
    let twice = |history: &mut History| {
        history.end.entries.push(LogEntry { id: "again".to_owned(), ..entry("close_poll") });
        history.end.log.insert("again".to_owned());
    };
    assert_eq!(broken_with_poll(twice), only(Rule::Audit));
}

#[test]
fn more_votes_than_users_have_voted_are_wrong() {
    let early = |history: &mut History| history.events.insert(2, heard_poll(false, [1, 0]));
    assert_eq!(broken_with_poll(early), only(Rule::Polls));
}

#[test]
fn an_open_socket_that_did_not_hear_the_result_last_missed_it() {
    let unheard = |history: &mut History| history.events.retain(|event| *event != heard_poll(true, [1, 1]));
    assert_eq!(broken_with_poll(unheard), only(Rule::Polls));
    let older = |history: &mut History| history.events.push(heard_poll(false, [2, 0]));
    assert_eq!(broken_with_poll(older), only(Rule::Polls));
    let may_miss = |history: &mut History| {
        unheard(history);
        history.may_miss = true;
    };
    assert_eq!(broken_with_poll(may_miss), BTreeSet::new());
}
