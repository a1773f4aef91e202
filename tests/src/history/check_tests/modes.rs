//! The rule about modes.

use shared::domain::moderation::modes::{Authors, Links};

use super::moderated::{done, entry, hold};
use super::*;

/// The host sets these modes, and every open socket hears of them.
pub(super) fn set(history: &mut History, modes: Modes) {
    let act = 50 + history.end.modes.version;
    let id = format!("act {act}");
    history.end.entries.push(entry(&id, "host", &Deed::SetModes));
    let version = history.end.modes.version + 1;
    history.end.modes = ModesRow { version, set: modes, in_force: modes };
    let asking = Moderation::Asking { act, by: "host".to_owned(), deed: Deed::SetModes, modes };
    history.events.push(asking.into());
    history.events.push(done(act, &id, None));
    history.events.push(Moderation::HeardModes { socket: 1, modes }.into());
}

/// A send of Ann's that is refused.
pub(super) fn refused_send(code: &str) -> [Event; 2] {
    [sending(44, "text 44", None, 60_001), Moderation::Refused { send: 44, code: code.to_owned() }.into()]
}

/// These modes are set before the text is sent, which becomes the third message.
fn stored(modes: Modes, text: &str) -> BTreeSet<Rule> {
    broken(|history| {
        set(history, modes);
        store(history, 3, text, 60_001);
    })
}

fn store(history: &mut History, seq: u64, text: &str, at: i64) {
    history.end.rows.insert(seq, row(text));
    (history.end.seq, history.end.cursor, history.end.total_messages) = (seq, seq, seq);
    history.events.extend([
        sending(seq + 10, text, None, at),
        acknowledged(seq + 10, seq, false, at + 10),
        Event::Heard { socket: 1, seq, text: text.to_owned() },
    ]);
}

fn off() -> Modes {
    Modes::default()
}

#[test]
fn a_message_that_the_modes_do_not_take_must_not_be_stored() {
    let (text, link) = ("text 3", "see https://elsewhere.example/");
    for (modes, text, is_wrong) in [
        (off(), link, false),
        (Modes { audience: Authors::Staff, ..off() }, text, true),
        (Modes { audience: Authors::Members, ..off() }, text, true),
        (Modes { emoji_only: true, ..off() }, text, true),
        (Modes { review_all: true, ..off() }, text, true),
        (Modes { links: Links::Block, ..off() }, text, false),
        (Modes { links: Links::Block, ..off() }, link, true),
        (Modes { links: Links::Hold, ..off() }, text, false),
        (Modes { links: Links::Hold, ..off() }, link, true),
    ] {
        assert_eq!(stored(modes, text).contains(&Rule::Modes), is_wrong, "{modes:?} {text}");
    }
}

#[test]
fn a_message_is_neither_held_nor_refused_by_modes_that_do_not_ask_for_it() {
    let held = |modes: Modes| {
        broken(|history| {
            set(history, modes);
            hold(history, "held 1", "text 3");
            history.events.push(sending(4, "text 3", None, 60_001));
            history.events.push(super::moderated::held(4, "held 1", "held", false));
        })
    };
    assert_eq!((held(off()), held(Modes { review_all: true, ..off() })), (only(Rule::Modes), BTreeSet::new()));
    assert_eq!(held(Modes { review_all: true, emoji_only: true, ..off() }), only(Rule::Modes));
    for (code, modes) in [
        ("staff_only", Modes { audience: Authors::Staff, ..off() }),
        ("members_only", Modes { audience: Authors::Members, ..off() }),
        ("emoji_only", Modes { emoji_only: true, ..off() }),
        ("link_blocked", Modes { links: Links::Block, ..off() }),
        ("slow_mode", Modes { slow_seconds: 3, ..off() }),
    ] {
        let refused = |modes: Modes| {
            broken(|history| {
                set(history, modes);
                history.events.extend(refused_send(code));
            })
        };
        assert_eq!((refused(off()), refused(modes)), (only(Rule::Modes), BTreeSet::new()), "{code}");
    }
}

#[test]
fn a_send_that_meets_a_change_of_the_modes_is_not_judged_by_them() {
    let strict = Modes { emoji_only: true, ..off() };
    let meets = |sent_at: usize| {
        broken(|history| {
            set(history, strict);
            set(history, off());
            store(history, 3, "text 3", 60_001);
            let sending = history.events.remove(history.events.len() - 3);
            let place = history.events.len() - 2 - 6 + sent_at;
            history.events.insert(place, sending);
        })
    };
    for place in 0..=6 {
        assert_eq!(meets(place), BTreeSet::new(), "{place}");
    }
    let of_staff = broken(|history| {
        history.staff.extend(["ann".to_owned()]);
        set(history, strict);
        store(history, 3, "text 3", 60_001);
    });
    assert_eq!(of_staff, BTreeSet::new());
}

#[test]
fn two_messages_in_slow_mode_lie_apart() {
    let slow = Modes { slow_seconds: 3, ..off() };
    let apart = |ms: i64, between: Option<Event>| {
        broken(|history| {
            set(history, slow);
            store(history, 3, "text 3", 60_000);
            history.events.extend(between);
            store(history, 4, "text 4", 60_000 + ms);
        })
    };
    // The answer to the second one comes 10 ms after it was sent.
    assert_eq!((apart(2_989, None), apart(2_990, None)), (only(Rule::Modes), BTreeSet::new()));
    assert_eq!(apart(10, Some(Event::ClockWentBack)), BTreeSet::new());
    let after_a_change = broken(|history| {
        set(history, slow);
        store(history, 3, "text 3", 60_000);
        set(history, slow);
        store(history, 4, "text 4", 60_100);
    });
    assert_eq!(after_a_change, BTreeSet::new());
}

#[test]
fn every_open_socket_hears_of_the_modes_that_were_set_and_of_no_others() {
    let strict = Modes { emoji_only: true, ..off() };
    let heard = |modes: Option<Modes>, may_miss: bool| {
        broken(|history| {
            set(history, strict);
            history.may_miss = may_miss;
            history.events.pop();
            history.events.extend(modes.map(|modes| Moderation::HeardModes { socket: 1, modes }.into()));
        })
    };
    assert_eq!((heard(Some(strict), false), heard(None, true)), (BTreeSet::new(), BTreeSet::new()));
    assert_eq!((heard(None, false), heard(Some(off()), false)), (only(Rule::Modes), only(Rule::Modes)));
    assert_eq!(heard(Some(off()), true), only(Rule::Modes), "nobody set them");
}
