//! Events of the host's application that are lost, doubled, changed, out of order, or not heard of.

use super::*;

fn heard_event(socket: u64, seq: u64, is_resumed: bool) -> Event {
    Event::HeardEvent { socket, seq, name: "goal".to_owned(), is_resumed }
}

/// A good history with an event after its messages, which the one socket hears.
fn with_event(history: &mut History) {
    history.end.events.insert(3, "goal".to_owned());
    history.end.rows.insert(3, Row { void: true, ..Row::default() });
    (history.end.seq, history.end.cursor) = (3, 3);
    history.events.push(Event::Telling { name: "goal".to_owned() });
    history.events.push(heard_event(1, 3, false));
    history.events.push(Event::Told { name: "goal".to_owned(), seq: 3 });
}

fn broken_with_event(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        with_event(history);
        change(history);
    })
}

#[test]
fn an_event_that_is_stored_once_and_heard_is_good() {
    assert_eq!(broken_with_event(|_| {}), BTreeSet::new());
}

#[test]
fn an_acknowledged_event_without_its_row_is_lost() {
    assert_eq!(broken_with_event(|history| history.end.events.clear()), only(Rule::Events));
    let renamed = |history: &mut History| drop(history.end.events.insert(3, "curtain".to_owned()));
    assert_eq!(broken_with_event(renamed), only(Rule::Events));
}

#[test]
fn an_event_in_two_rows_is_doubled() {
    let twice = |history: &mut History| {
        history.end.events.insert(4, "goal".to_owned());
        history.end.rows.insert(4, Row { void: true, ..Row::default() });
        (history.end.seq, history.end.cursor) = (4, 4);
        history.events.push(heard_event(1, 4, false));
    };
    assert_eq!(broken_with_event(twice), only(Rule::Events));
}

#[test]
fn an_event_before_a_message_with_a_lower_number_is_out_of_order() {
    let late = |history: &mut History| {
        let place = history.events.iter().position(|event| *event == heard(1, 2)).expect("the second message");
        let event = history.events.iter().position(|event| *event == heard_event(1, 3, false)).expect("the event");
        history.events.swap(place, event);
    };
    assert!(broken_with_event(late).contains(&Rule::OutOfOrder));
    let again = |history: &mut History| history.events.push(heard_event(1, 3, false));
    assert_eq!(broken_with_event(again), only(Rule::OutOfOrder));
}

#[test]
fn an_event_that_an_open_socket_or_a_client_never_heard_of_is_missed() {
    let unheard = |history: &mut History| history.events.retain(|event| *event != heard_event(1, 3, false));
    assert_eq!(broken_with_event(unheard), only(Rule::Events));
    let resumed = |history: &mut History| {
        unheard(history);
        history.events.push(heard_event(1, 3, true));
    };
    assert_eq!(broken_with_event(resumed), only(Rule::Events), "the socket was open");
    let may_miss = |history: &mut History| {
        resumed(history);
        history.may_miss = true;
    };
    assert_eq!(broken_with_event(may_miss), BTreeSet::new());
}
