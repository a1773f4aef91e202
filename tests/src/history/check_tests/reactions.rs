//! Reactions that are lost, counted twice, counted though they were refused, or not told of.

use super::*;

fn heard_reactions(total: u64) -> Event {
    Event::HeardReactions { socket: 1, total }
}

/// A good history with three reactions that count, two that were refused, and four without an answer, which count here.
fn with_reactions(history: &mut History) {
    history.events.push(Event::Reacting { call: 1, count: 3 });
    history.events.push(Event::Reacted { call: 1 });
    history.events.push(Event::Reacting { call: 2, count: 2 });
    history.events.push(heard_reactions(3));
    history.events.push(Event::NotReacted { call: 2 });
    history.events.push(Event::Reacting { call: 3, count: 4 });
    history.events.push(heard_reactions(7));
    history.end.reactions = (7, 7);
}

fn broken_with_reactions(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        with_reactions(history);
        change(history);
    })
}

/// The totals of the shards and of status are this, and the socket heard it.
fn in_all(history: &mut History, total: u64) {
    history.end.reactions = (total, total);
    history.events.push(heard_reactions(total));
}

#[test]
fn what_was_acknowledged_counts_and_what_had_no_answer_may() {
    assert_eq!(broken_with_reactions(|_| {}), BTreeSet::new());
    assert_eq!(broken_with_reactions(|history| in_all(history, 3)), BTreeSet::new());
}

#[test]
fn a_reaction_is_lost_or_doubled() {
    for wrong in [0, 2, 8, 10, 14] {
        assert_eq!(broken_with_reactions(|history| in_all(history, wrong)), only(Rule::Reactions), "{wrong}");
    }
}

#[test]
fn a_refused_reaction_does_not_count() {
    let refused = |history: &mut History| history.events.push(Event::NotReacted { call: 3 });
    assert_eq!(broken_with_reactions(refused), only(Rule::Reactions));
}

#[test]
fn status_tells_what_the_shards_hold() {
    assert_eq!(broken_with_reactions(|history| history.end.reactions = (7, 6)), only(Rule::Reactions));
}

#[test]
fn an_open_socket_hears_of_the_last_total_and_of_none_that_cannot_be() {
    let unheard = |history: &mut History| history.events.retain(|event| *event != heard_reactions(7));
    assert_eq!(broken_with_reactions(unheard), only(Rule::Reactions));
    let may_miss = |history: &mut History| {
        unheard(history);
        history.may_miss = true;
    };
    assert_eq!(broken_with_reactions(may_miss), BTreeSet::new());
    let early = |history: &mut History| {
        let begun = history.events.iter().position(|event| *event == Event::Reacting { call: 3, count: 4 });
        history.events.insert(begun.expect("the call"), heard_reactions(7));
    };
    assert_eq!(broken_with_reactions(early), only(Rule::Reactions));
}
