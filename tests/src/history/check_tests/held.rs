//! The rules about held messages, and about frames for staff.

use super::moderated::{approved, asking, denied, held, is_approval};
use super::*;

fn after(of: fn(&mut History), change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        of(history);
        change(history);
    })
}

fn row_of(history: &mut History) -> &mut HeldRow {
    history.end.held.get_mut("held 1").unwrap()
}

/// The first event of moderation that is like this.
fn event(history: &mut History, is_wanted: impl Fn(&Moderation) -> bool) -> &mut Moderation {
    let found = history.events.iter_mut().find_map(|event| match event {
        Event::Moderation(event) if is_wanted(event) => Some(event),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn a_held_message_waits_or_has_one_decision() {
    assert_eq!(after(denied, |history| row_of(history).waits = true), only(Rule::HeldOnce));
    let lost = after(denied, |history| {
        history.end.entries.clear();
        row_of(history).decision = None;
    });
    assert!(lost.contains(&Rule::HeldOnce), "{lost:?}");
    let gone = after(denied, |history| {
        history.end.entries.clear();
        history.end.held.clear();
    });
    assert!(gone.contains(&Rule::HeldOnce), "{gone:?}");
}

#[test]
fn an_approved_message_is_stored_once_and_a_denied_one_never() {
    let stored = |history: &mut History, seq: u64| {
        history.end.rows.insert(seq, row("text 3"));
        (history.end.seq, history.end.cursor, history.end.total_messages) = (seq, seq, seq);
        history.events.insert(5, Event::Closed { socket: 1 });
        let seqs: Vec<u64> = (1..=seq).collect();
        let resumed = |socket| Event::Resumed { socket, after: 0, seqs: seqs.clone(), last_seq: seq, complete: true };
        history.events.extend([resumed(1), resumed(9)]);
    };
    assert_eq!(after(approved, |history| stored(history, 4)), BTreeSet::from([Rule::HeldOnce, Rule::Doubled]));
    assert_eq!(after(denied, |history| stored(history, 3)), only(Rule::HeldOnce));
    let never = after(approved, |history| history.end.rows.get_mut(&3).unwrap().text = Some("other".to_owned()));
    assert!(never.contains(&Rule::HeldOnce), "{never:?}");
    let deleted = after(approved, |history| {
        history.events.push(Event::Deleting { id: 100_000_003, by: "ann".to_owned() });
        history.events.push(Event::HeardDeletion { socket: 1, id: 100_000_003 });
        history.end.rows.get_mut(&3).unwrap().text = None;
    });
    assert_eq!(deleted, BTreeSet::new());
}

#[test]
fn every_answer_and_every_frame_tells_the_decision_that_holds() {
    let repeated = |status: &str| {
        after(denied, |history| {
            history.events.extend([sending(5, "text 3", Some("k3"), 60_003), held(5, "held 1", status, true)]);
        })
    };
    assert_eq!((repeated("denied"), repeated("held")), (BTreeSet::new(), BTreeSet::new()));
    assert_eq!((repeated("approved"), repeated("expired")), (only(Rule::HeldOnce), only(Rule::HeldOnce)));
    let second = |detail: &str| {
        after(denied, |history| {
            let detail = format!("This message was {detail}");
            history.events.push(asking(3, "umpire", Deed::Approve("held 1".to_owned())));
            history.events.push(Moderation::Conflict { act: 3, detail }.into());
        })
    };
    assert_eq!(second("denied already, by the action act 2"), BTreeSet::new());
    assert_eq!(second("denied already, by the action act 7"), only(Rule::HeldOnce));
    assert_eq!(second("approved already, by the action act 2"), only(Rule::HeldOnce));
    for is_outcome in [true, false] {
        let told_otherwise = after(denied, |history| {
            let heard = event(history, |event| match event {
                Moderation::HeardOutcome(_) => is_outcome,
                event => matches!(event, Moderation::HeardDecision(_)) && !is_outcome,
            });
            let (Moderation::HeardOutcome(heard) | Moderation::HeardDecision(heard)) = heard else { unreachable!() };
            heard.decision = "approved".to_owned();
        });
        assert_eq!(told_otherwise, only(Rule::HeldOnce));
    }
    let both_acknowledged = after(denied, |history| {
        history.events.push(asking(3, "umpire", Deed::Approve("held 1".to_owned())));
        history.events.push(Moderation::Done { act: 3, id: "act 3".to_owned(), message_id: None }.into());
    });
    assert!(both_acknowledged.contains(&Rule::HeldOnce), "{both_acknowledged:?}");
}

#[test]
fn an_outcome_is_for_its_author_once_and_no_open_socket_misses_it() {
    let at = |socket: u64| {
        after(denied, |history| {
            let outcome = event(history, |event| matches!(event, Moderation::HeardOutcome(_)));
            let Moderation::HeardOutcome(heard) = outcome else { unreachable!() };
            heard.socket = socket;
        })
    };
    assert_eq!((at(9), at(1)), (BTreeSet::new(), only(Rule::HeldOnce)));
    let again = |may_repeat: bool| {
        after(denied, |history| {
            history.may_repeat = may_repeat;
            let frame = event(history, |event| matches!(event, Moderation::HeardOutcome(_))).clone();
            history.events.push(frame.into());
        })
    };
    assert_eq!((again(true), again(false)), (BTreeSet::new(), only(Rule::HeldOnce)));
    let missed = |is_outcome: bool, may_miss: bool| {
        after(denied, |history| {
            history.may_miss = may_miss;
            history.events.retain(|event| match event {
                Event::Moderation(Moderation::HeardOutcome(_)) => !is_outcome,
                Event::Moderation(Moderation::HeardDecision(_)) => is_outcome,
                event => *event != Event::Closed { socket: 9 },
            });
            let (there, heard) = (2, BTreeMap::from([(1, Some(2)), (9, Some(2))]));
            history.end.viewers = (there, BTreeSet::from(["ann".to_owned(), "bob".to_owned()]));
            history.end.viewers_heard = heard;
        })
    };
    for is_outcome in [true, false] {
        assert_eq!((missed(is_outcome, false), missed(is_outcome, true)), (only(Rule::HeldOnce), BTreeSet::new()));
    }
}

#[test]
fn nobody_reads_a_text_that_is_not_approved() {
    let told = |history: &mut History, place: usize| {
        let text = "text 3".to_owned();
        history.events.insert(place, Event::ReadMessage { id: 100_000_003, text });
    };
    let too_early = after(approved, |history| {
        let place = history.events.iter().position(is_approval).unwrap();
        told(history, place);
    });
    assert_eq!(too_early, only(Rule::HeldOnce));
    assert_eq!(after(approved, |history| told(history, history.events.len())), BTreeSet::new());
    assert!(after(denied, |history| told(history, history.events.len())).contains(&Rule::HeldOnce));
}

#[test]
fn frames_for_staff_at_a_viewer_are_breaches() {
    for frame in ["message_held", "held_resolved", "message_reported", "moderation_action"] {
        let act = |staff: bool| {
            broken(|history| {
                history.staff.extend(staff.then(|| "bob".to_owned()));
                history.events.push(Moderation::HeardForStaff { socket: 1, frame: frame.to_owned() }.into());
            })
        };
        assert_eq!((act(false), act(true)), (only(Rule::ForStaff), BTreeSet::new()));
    }
}
