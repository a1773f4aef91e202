//! Pins that do not hold, that nobody made, that are told too late or not at all.

use super::polls::entry;
use super::*;

const ONE: u64 = 100_000_001;
const TWO: u64 = 100_000_002;

fn pinned(version: u64, ids: &[u64]) -> Pinned {
    Pinned { version, ids: ids.to_vec() }
}

fn told(version: u64, ids: &[u64]) -> Event {
    PinEvent::Heard { socket: 1, pinned: pinned(version, ids) }.into()
}

fn change(id: u64, pinned: bool) -> [Event; 2] {
    [PinEvent::Changing { id, pinned }.into(), PinEvent::Changed { id, pinned }.into()]
}

fn read(read: u64, version: u64, ids: &[u64]) -> [Event; 2] {
    [PinEvent::Reading { read }.into(), PinEvent::Read { read, socket: None, pinned: pinned(version, ids) }.into()]
}

/// A good history in which the first message is pinned and unpinned, and the second is pinned.
pub(super) fn with_pins(history: &mut History) {
    history.events.extend(change(ONE, true));
    history.events.push(told(1, &[ONE]));
    history.events.extend(change(TWO, true));
    history.events.push(told(2, &[TWO, ONE]));
    history.events.extend(read(90, 2, &[TWO, ONE]));
    history.events.extend(change(ONE, false));
    history.events.push(told(3, &[TWO]));
    history.events.extend(read(91, 3, &[TWO]));
    history.end.pinned = pinned(3, &[TWO]);
    for (nth, action) in ["pin", "pin", "unpin"].into_iter().enumerate() {
        let act = LogEntry { id: format!("pin act {nth}"), ..entry(action) };
        history.end.log.insert(act.id.clone());
        history.end.entries.push(act);
    }
}

fn broken_with_pins(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        with_pins(history);
        change(history);
    })
}

#[test]
fn pins_that_hold_and_are_told_are_good() {
    assert_eq!(broken_with_pins(|_| {}), BTreeSet::new());
}

#[test]
fn an_acknowledged_change_holds() {
    assert_eq!(broken_with_pins(|history| history.end.pinned.ids.clear()), only(Rule::Pins));
    assert_eq!(broken_with_pins(|history| history.end.pinned.ids.push(ONE)), only(Rule::Pins));
    assert_eq!(broken_with_pins(|history| history.events.extend(read(92, 3, &[]))), only(Rule::Pins));
    assert_eq!(broken_with_pins(|history| history.events.extend(read(92, 3, &[TWO, ONE]))), only(Rule::Pins));
    // A change that is under way may be seen or not.
    let under_way = |ids: &'static [u64]| {
        broken_with_pins(|history| {
            history.events.push(PinEvent::Changing { id: ONE, pinned: true }.into());
            history.events.extend(read(92, 3, ids));
        })
    };
    assert_eq!((under_way(&[TWO]), under_way(&[TWO, ONE])), Default::default());
}

#[test]
fn a_message_that_left_is_not_pinned() {
    let without_two = |history: &mut History| {
        history.events.push(Event::Deleting { id: TWO, by: "ann".to_owned() });
        let row = history.end.rows.get_mut(&2).expect("a row");
        row.text = None;
    };
    assert!(broken_with_pins(without_two).contains(&Rule::Pins));
    let unpinned = broken_with_pins(|history| {
        without_two(history);
        history.events.push(told(4, &[]));
        history.end.pinned = pinned(4, &[]);
    });
    assert!(!unpinned.contains(&Rule::Pins), "{unpinned:?}");
}

#[test]
fn nobody_is_told_of_what_was_not_pinned_or_is_older() {
    assert_eq!(broken_with_pins(|history| history.events.push(told(3, &[TWO, 100_000_009]))), only(Rule::Pins));
    assert_eq!(broken_with_pins(|history| history.events.extend(read(92, 2, &[TWO]))), only(Rule::Pins));
    assert_eq!(broken_with_pins(|history| history.events.push(told(2, &[TWO]))), only(Rule::Pins));
    let after_a_crash = broken_with_pins(|history| {
        history.may_repeat = true;
        history.events.push(told(2, &[TWO]));
    });
    assert_eq!(after_a_crash, BTreeSet::new());
}

#[test]
fn every_open_socket_knows_the_newest() {
    let unheard = |history: &mut History| history.end.pinned.version = 4;
    assert_eq!(broken_with_pins(unheard), only(Rule::Pins));
    let from_status = broken_with_pins(|history| {
        unheard(history);
        let [reading, _] = read(92, 4, &[TWO]);
        let told = PinEvent::Read { read: 92, socket: Some(1), pinned: pinned(4, &[TWO]) };
        history.events.extend([reading, told.into()]);
    });
    assert_eq!(from_status, BTreeSet::new());
    let may_miss = broken_with_pins(|history| {
        unheard(history);
        history.may_miss = true;
    });
    assert!(!may_miss.contains(&Rule::Pins));
}

#[test]
fn each_act_has_its_entry() {
    assert_eq!(broken_with_pins(|history| drop(history.end.entries.pop())), only(Rule::Audit));
    let one_more = |history: &mut History| {
        let act = LogEntry { id: "pin act 9".to_owned(), ..entry("unpin") };
        history.end.log.insert(act.id.clone());
        history.end.entries.push(act);
    };
    assert_eq!(broken_with_pins(one_more), only(Rule::Audit));
}
