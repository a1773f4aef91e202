//! The rules about bans.

use super::*;

fn sanctioned(user: &str) -> [Event; 2] {
    let user = user.to_owned();
    [Event::Sanctioning { user: user.clone() }, Event::Sanctioned { user, id: "act 1".to_owned() }]
}

/// The good history, and then these events after a ban of Ann that the log knows.
fn after_a_ban(events: impl IntoIterator<Item = Event>) -> BTreeSet<Rule> {
    broken(|history| {
        history.end.log.insert("act 1".to_owned());
        history.events.extend(sanctioned("ann"));
        history.events.extend(events);
    })
}

fn resumed_on(socket: u64) -> Event {
    Event::Resumed { socket, after: 0, seqs: vec![1, 2], last_seq: 2, complete: true }
}

fn third(history: &mut History) {
    history.end.rows.insert(3, row("text 3"));
    (history.end.seq, history.end.cursor, history.end.total_messages) = (3, 3, 3);
}

#[test]
fn a_send_that_began_after_a_ban_must_not_be_acknowledged_until_it_is_lifted() {
    let with_send = |began_after: bool, lifted: bool, duplicate: bool| {
        broken(|history| {
            third(history);
            history.end.log.insert("act 1".to_owned());
            let mut events = Vec::from(sanctioned("ann"));
            events.insert(if began_after { 2 } else { 0 }, sending(4, "text 3", None, 60_001));
            if lifted {
                events.push(Event::Lifting { user: "ann".to_owned() });
            }
            events.extend([acknowledged(4, 3, duplicate, 60_002), heard(1, 3)]);
            history.events.extend(events);
        })
    };
    assert_eq!(with_send(true, false, false), only(Rule::Sanctions));
    assert_eq!(with_send(true, false, true), BTreeSet::new(), "it was stored before");
    assert_eq!(with_send(false, false, false), BTreeSet::new(), "it was under way");
    assert_eq!(with_send(true, true, false), BTreeSet::new(), "the ban was being lifted");
}

#[test]
fn likes_and_handshakes_of_the_banned_are_breaches() {
    let ann = || "ann".to_owned();
    let arrives = after_a_ban([
        Event::Arriving { user: ann() },
        Event::Opened { socket: 7, client: ann() },
        resumed_on(7),
        Event::Closed { socket: 7 },
    ]);
    assert_eq!(arrives, only(Rule::Sanctions));
    let likes = after_a_ban([
        Event::Liking { user: ann(), message: Some(100_000_001) },
        Event::Liked { user: ann(), message: Some(100_000_001) },
    ]);
    assert!(likes.contains(&Rule::Sanctions), "{likes:?}");
    assert_eq!(after_a_ban([Event::Liking { user: ann(), message: None }]), BTreeSet::new(), "it was refused");
}

#[test]
fn a_socket_that_outlasts_a_ban_is_a_breach() {
    let ban_of_bob = |closed: bool| {
        broken(|history| {
            history.end.log.insert("act 1".to_owned());
            history.events.extend(sanctioned("bob"));
            history.events.extend(closed.then_some(Event::Closed { socket: 1 }));
        })
    };
    assert_eq!((ban_of_bob(false), ban_of_bob(true)), (only(Rule::Sanctions), BTreeSet::new()));
}

#[test]
fn an_act_that_the_log_does_not_know_is_a_breach() {
    assert_eq!(broken(|history| history.events.extend(sanctioned("ann"))), only(Rule::Sanctions));
}

#[test]
fn a_user_alone_hears_of_the_own_standing() {
    assert_eq!(after_a_ban([Event::HeardStanding { socket: 1 }]), only(Rule::Sanctions), "bob was not banned");
}

#[test]
fn a_message_that_is_held_or_approved_after_a_ban_is_a_breach() {
    let held = |began_after: bool| {
        broken(|history| {
            moderated::hold(history, "held 1", "text 3");
            history.end.log.insert("act 1".to_owned());
            let mut events = Vec::from(sanctioned("ann"));
            events.insert(if began_after { 2 } else { 0 }, sending(4, "text 3", None, 60_001));
            events.push(moderated::held(4, "held 1", "held", false));
            history.events.extend(events);
        })
    };
    assert_eq!((held(true), held(false)), (only(Rule::Sanctions), BTreeSet::new()));
    let approved = |asked_after: bool| {
        broken(|history| {
            moderated::approved(history);
            let asked = history.events.iter().position(moderated::is_approval).unwrap();
            let place = if asked_after { asked } else { asked + 1 };
            history.end.log.insert("act 1".to_owned());
            history.events.splice(place..place, sanctioned("ann"));
        })
    };
    assert_eq!((approved(true), approved(false)), (only(Rule::Sanctions), BTreeSet::new()));
}

#[test]
fn a_text_that_was_always_refused_must_not_be_there() {
    let refused = |code: &str, again: bool, stored: bool| {
        broken(|history| {
            if stored {
                third(history);
                history.events.push(heard(1, 3));
            }
            history.events.push(sending(4, "text 3", Some("k3"), 60_001));
            history.events.push(Moderation::Refused { send: 4, code: code.to_owned() }.into());
            if again {
                history.events.push(sending(5, "text 3", Some("k3"), 60_002));
            }
            history.events.push(resumed(0, &[1, 2, 3], 3));
        })
    };
    assert_eq!(refused("banned", false, true), only(Rule::Sanctions));
    assert_eq!(refused("emoji_only", false, true), only(Rule::Modes));
    assert_eq!(refused("rate_limited", false, true), only(Rule::RateLimit));
    assert_eq!(refused("banned", true, true), BTreeSet::new(), "the repeat has no answer");
    assert_eq!(refused("unavailable", false, true), BTreeSet::new(), "it may be stored");
    assert_eq!(refused("banned", false, false), BTreeSet::new());
}
