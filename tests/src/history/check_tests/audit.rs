//! The rule about the audit log.

use super::moderated::{approved, asking, denied, done, entry};
use super::*;

fn after(of: fn(&mut History), change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        of(history);
        change(history);
    })
}

/// Carl is banned.
fn ban(history: &mut History) {
    let deed = Deed::Ban("carl".to_owned());
    history.end.entries.push(entry("act 7", "mona", &deed));
    let standing = StandingRow { version: 1, sanctions: vec!["act 7".to_owned()] };
    history.end.standings.insert("carl".to_owned(), standing);
    history.events.extend([asking(7, "mona", deed), done(7, "act 7", None)]);
}

/// And not any more.
fn lift(history: &mut History) {
    ban(history);
    let deed = Deed::Lift("carl".to_owned());
    history.end.entries.push(entry("act 8", "mona", &deed));
    history.end.standings.insert("carl".to_owned(), StandingRow { version: 2, sanctions: Vec::new() });
    history.events.extend([asking(8, "mona", deed), done(8, "act 8", None)]);
}

fn standing(history: &mut History) -> &mut StandingRow {
    history.end.standings.get_mut("carl").unwrap()
}

#[test]
fn an_acknowledged_act_has_one_entry_that_says_what_was_done_and_by_whom() {
    assert_eq!((broken(ban), broken(lift)), (BTreeSet::new(), BTreeSet::new()));
    let changed = |change: fn(&mut LogEntry)| after(ban, |history| change(&mut history.end.entries[0]));
    assert_eq!(changed(|entry| entry.id = "another".to_owned()), only(Rule::Audit));
    assert_eq!(changed(|entry| entry.action = "lift".to_owned()), only(Rule::Audit));
    assert_eq!(changed(|entry| entry.actor = Some("umpire".to_owned())), only(Rule::Audit));
    assert_eq!(changed(|entry| entry.user = Some("ann".to_owned())), only(Rule::Audit));
    assert_eq!(after(ban, |history| history.end.entries.clear()), only(Rule::Audit));
    assert_eq!(after(ban, |history| history.end.entries.push(history.end.entries[0].clone())), only(Rule::Audit));
    let again = |id: &str| after(ban, |history| history.events.push(done(7, id, None)));
    assert_eq!((again("act 7"), again("act 9")), (BTreeSet::new(), only(Rule::Audit)));
}

#[test]
fn an_entry_that_nobody_asked_for_is_a_breach_and_one_in_doubt_is_not() {
    let never_asked = after(ban, |history| history.events.retain(|event| !matches!(event, Event::Moderation(_))));
    assert_eq!(never_asked, only(Rule::Audit));
    let in_doubt = after(ban, |history| drop(history.events.pop()));
    assert_eq!(in_doubt, BTreeSet::new());
    let by_itself = |cause: &str, because_of: Option<&str>| {
        after(denied, |history| {
            history.events.retain(|event| !matches!(event, Event::Moderation(Moderation::Done { .. })));
            let entry = &mut history.end.entries[0];
            (entry.actor, entry.cause) = (None, (!cause.is_empty()).then(|| cause.to_owned()));
            entry.because_of = because_of.map(str::to_owned);
        })
    };
    assert_eq!((by_itself("expired", None), by_itself("", None)), (BTreeSet::new(), only(Rule::Audit)));
    assert_eq!(by_itself("action", Some("act 2")), BTreeSet::new());
    assert_eq!(by_itself("action", Some("act 9")), only(Rule::Audit), "there is no such act");
}

#[test]
fn what_an_entry_says_has_happened() {
    let gone = after(ban, |history| history.end.standings.clear());
    assert_eq!(gone, only(Rule::Audit), "an entry without the ban");
    assert_eq!(after(ban, |history| standing(history).sanctions.clear()), only(Rule::Audit));
    assert_eq!(after(lift, |history| standing(history).sanctions.push("act 7".to_owned())), only(Rule::Audit));
    let without_entry = after(lift, |history| standing(history).version = 3);
    assert_eq!(without_entry, only(Rule::Audit), "a change of the standing without an entry");

    let decision =
        |change: fn(&mut HeldRow)| after(approved, |history| change(history.end.held.get_mut("held 1").unwrap()));
    assert!(decision(|row| row.decision.as_mut().unwrap().1 = "act 9".to_owned()).contains(&Rule::Audit));
    assert!(decision(|row| row.decision.as_mut().unwrap().0 = "denied".to_owned()).contains(&Rule::Audit));
    assert!(decision(|row| row.decision = None).contains(&Rule::Audit));
    let numbered = after(approved, |history| history.end.entries[0].message_ids = vec![100_000_002]);
    assert_eq!(numbered, only(Rule::Audit));
    assert_eq!(after(denied, |history| history.end.entries.clear()), only(Rule::Audit), "a decision without an entry");
}

#[test]
fn the_modes_that_judge_are_those_of_the_last_entry() {
    let strict = Modes { emoji_only: true, ..Modes::default() };
    let set = |change: fn(&mut ModesRow)| {
        broken(|history| {
            modes::set(history, Modes { emoji_only: true, ..Modes::default() });
            change(&mut history.end.modes);
        })
    };
    assert_eq!(set(|_| {}), BTreeSet::new());
    assert_eq!(set(|row| row.version = 2), only(Rule::Audit), "they were set without an entry");
    assert_eq!(set(|row| row.set = Modes::default()), only(Rule::Audit));
    assert_eq!(set(|row| row.in_force = Modes::default()), only(Rule::Audit), "they do not judge");
    let in_doubt = broken(|history| {
        modes::set(history, strict);
        history.events.retain(|event| !matches!(event, Event::Moderation(Moderation::Done { .. })));
        history.end.modes.in_force = Modes::default();
    });
    assert_eq!(in_doubt, BTreeSet::new());
}

#[test]
fn an_act_that_is_refused_because_of_itself_is_a_breach() {
    let refused = |by: &str| {
        after(denied, |history| {
            if by != "mona" {
                history.events.push(asking(3, by, Deed::Deny("held 1".to_owned())));
            }
            let act = if by == "mona" { 2 } else { 3 };
            let detail = "This message was denied already, by the action act 2".to_owned();
            history.events.push(Moderation::Conflict { act, detail }.into());
        })
    };
    assert_eq!((refused("mona"), refused("umpire")), (only(Rule::Audit), BTreeSet::new()));
}
