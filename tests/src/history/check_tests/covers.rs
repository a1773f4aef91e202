//! The rules about purges and clears.

use super::*;

/// Ann is purged after her first message: number 2 is the act, and her second message, number 3, is not covered.
fn purged(history: &mut History) {
    let third = history.end.rows.remove(&2).unwrap();
    history.end.rows.insert(2, Row { void: true, ..Row::default() });
    history.end.rows.insert(3, Row { text: Some("text 2".to_owned()), ..third });
    history.end.acts = BTreeMap::from([(2, Some("ann".to_owned()))]);
    (history.end.seq, history.end.cursor) = (3, 3);
    let (user, up_to) = (Some("ann".to_owned()), 1);
    history.events.truncate(6);
    history.events.extend([
        Event::Covering { act: 1 },
        Event::Covered { act: 1, user: user.clone(), up_to },
        Event::HeardCover { socket: 1, seq: 2, user, up_to, is_resumed: false },
        sending(2, "text 2", None, 20),
        Event::Heard { socket: 1, seq: 3, text: "text 2".to_owned() },
        acknowledged(2, 3, false, 30),
        Event::Liking { user: "bob".to_owned(), message: None },
        Event::Liked { user: "bob".to_owned(), message: None },
        Event::HeardLikes { socket: 1, likes: 1 },
        Event::Asking { ask: 1 },
        Event::Answered { ask: 1, ids: vec![100_000_003] },
        resumed(2, &[3], 3),
    ]);
}

fn broken_after(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        purged(history);
        change(history);
    })
}

#[test]
fn a_covered_message_in_a_later_answer_is_a_breach_and_in_an_earlier_one_it_is_not() {
    assert_eq!(broken_after(|_| {}), BTreeSet::new());
    let again = |asked_at: usize| {
        broken_after(|history| {
            history.events.insert(asked_at, Event::Asking { ask: 2 });
            history.events.push(Event::Answered { ask: 2, ids: vec![100_000_001] });
        })
    };
    let acknowledged_at = 7;
    assert_eq!(again(acknowledged_at + 1), only(Rule::Shown));
    assert_eq!(again(acknowledged_at), BTreeSet::new(), "it was under way");
    let of_another = broken_after(|history| {
        history.end.rows.get_mut(&1).unwrap().user = Some("bob".to_owned());
        history.events.push(Event::Asking { ask: 2 });
        history.events.push(Event::Answered { ask: 2, ids: vec![100_000_001] });
        history.events.push(resumed(0, &[1, 3], 3));
    });
    assert_eq!(of_another, BTreeSet::new());
}

#[test]
fn a_covered_message_after_its_acts_frame_is_a_breach() {
    let late = broken_after(|history| {
        history.may_repeat = true;
        history.events.push(heard(1, 1));
    });
    assert_eq!(late, only(Rule::Shown));
}

#[test]
fn an_open_socket_and_a_client_that_resumed_hear_of_every_act() {
    let is_frame = |event: &Event| matches!(event, Event::HeardCover { .. });
    assert_eq!(broken_after(|history| history.events.retain(|event| !is_frame(event))), only(Rule::Untold));
    let by_resume = |history: &mut History| {
        let frame = history.events.iter_mut().find(|event| is_frame(event)).unwrap();
        let Event::HeardCover { is_resumed, .. } = frame else { unreachable!() };
        *is_resumed = true;
    };
    assert_eq!(broken_after(by_resume), only(Rule::Untold), "the socket was open");
    let after_a_loss = broken_after(|history| {
        by_resume(history);
        history.events.push(Event::Closed { socket: 1 });
    });
    assert_eq!(after_a_loss, BTreeSet::new());
}
