//! Histories with a held message, on which the other tests of moderation build.

use super::*;

pub(super) fn held(send: u64, id: &str, status: &str, duplicate: bool) -> Event {
    let (held_id, status) = (id.to_owned(), status.to_owned());
    Moderation::Held { send, held_id, status, duplicate, at: 60_002 }.into()
}

/// Ann has this message waiting.
pub(super) fn hold(history: &mut History, id: &str, text: &str) {
    let row = HeldRow { user: "ann".to_owned(), text: text.to_owned(), waits: true, decision: None };
    history.end.held.insert(id.to_owned(), row);
}

pub(super) fn asking(act: u64, by: &str, deed: Deed) -> Event {
    Moderation::Asking { act, by: by.to_owned(), deed, modes: Modes::default() }.into()
}

pub(super) fn done(act: u64, id: &str, message_id: Option<u64>) -> Event {
    Moderation::Done { act, id: id.to_owned(), message_id }.into()
}

pub(super) fn entry(id: &str, by: &str, deed: &Deed) -> LogEntry {
    let user = if let Deed::Ban(user) | Deed::Lift(user) = deed { Some(user.clone()) } else { None };
    let held_id = deed.held_id().map(str::to_owned);
    let (id, action, actor) = (id.to_owned(), deed.action().to_owned(), Some(by.to_owned()));
    LogEntry { id, action, actor, user, held_id, ..LogEntry::default() }
}

/// What the author and staff hear of the decision, on the socket of Bob, and of Ann, who opened one for it.
fn frames(decision: &str, message_id: Option<u64>) -> [Event; 2] {
    let heard = |socket| Heard { socket, held_id: "held 1".to_owned(), decision: decision.to_owned(), message_id };
    [Moderation::HeardDecision(heard(1)).into(), Moderation::HeardOutcome(heard(9)).into()]
}

/// Ann's third text is held, mona decides on it, and Bob, who is staff, hears of it. Ann's socket is closed at the end.
fn decided(history: &mut History, deed: Deed, decision: &str, message_id: Option<u64>) {
    hold(history, "held 1", "text 3");
    let held_row = history.end.held.get_mut("held 1").unwrap();
    (held_row.waits, held_row.decision) = (false, Some((decision.to_owned(), "act 2".to_owned(), message_id)));
    let entry = LogEntry { message_ids: message_id.into_iter().collect(), ..entry("act 2", "mona", &deed) };
    history.end.entries.push(entry);
    history.staff.insert("bob".to_owned());
    history.events.extend([
        Event::Arriving { user: "ann".to_owned() },
        Event::Opened { socket: 9, client: "ann".to_owned() },
        Event::Resumed { socket: 9, after: 0, seqs: vec![1, 2], last_seq: 2, complete: true },
        sending(4, "text 3", Some("k3"), 60_001),
        held(4, "held 1", "held", false),
        asking(2, "mona", deed),
        done(2, "act 2", message_id),
    ]);
    history.events.extend(frames(decision, message_id));
    if message_id.is_some() {
        let row = Row { key: Some("k3".to_owned()), ..row("text 3") };
        history.end.rows.insert(3, row);
        (history.end.seq, history.end.cursor, history.end.total_messages) = (3, 3, 3);
        history.events.extend([heard(1, 3), heard(9, 3)]);
    }
    history.events.push(Event::Closed { socket: 9 });
}

pub(super) fn approved(history: &mut History) {
    decided(history, Deed::Approve("held 1".to_owned()), "approved", Some(100_000_003));
}

pub(super) fn denied(history: &mut History) {
    decided(history, Deed::Deny("held 1".to_owned()), "denied", None);
}

pub(super) fn is_approval(event: &Event) -> bool {
    matches!(event, Event::Moderation(Moderation::Asking { deed: Deed::Approve(_), .. }))
}

#[test]
fn a_decision_that_everybody_heard_of_breaks_nothing() {
    assert_eq!((broken(approved), broken(denied)), (BTreeSet::new(), BTreeSet::new()));
}
