//! The part of the rule about the audit log that is about deletions.

use super::*;

/// Mona deletes Ann's first message, of which Bob's socket hears.
fn deleted(history: &mut History) {
    history.events.extend([
        Event::Deleting { id: 100_000_001, by: "mona".to_owned() },
        Event::HeardDeletion { socket: 1, id: 100_000_001 },
    ]);
    let row = history.end.rows.get_mut(&1).unwrap();
    (row.text, row.deleted_by) = (None, Some("act 5".to_owned()));
    history.end.entries.push(LogEntry {
        id: "act 5".to_owned(),
        action: "delete".to_owned(),
        actor: Some("mona".to_owned()),
        message_ids: vec![100_000_001],
        ..LogEntry::default()
    });
}

fn after(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        deleted(history);
        change(history);
    })
}

fn row(history: &mut History) -> &mut Row {
    history.end.rows.get_mut(&1).unwrap()
}

#[test]
fn a_deletion_by_staff_and_its_entry_name_each_other() {
    assert_eq!(after(|_| {}), BTreeSet::new());
    let changed = |change: fn(&mut LogEntry)| after(|history| change(&mut history.end.entries[0]));
    assert_eq!(changed(|entry| entry.id = "another".to_owned()), only(Rule::Audit));
    assert_eq!(changed(|entry| entry.actor = Some("carl".to_owned())), only(Rule::Audit));
    assert_eq!(changed(|entry| entry.actor = None), only(Rule::Audit));
    assert_eq!(changed(|entry| entry.message_ids = vec![100_000_002]), only(Rule::Audit));
    assert_eq!(changed(|entry| entry.message_ids.clear()), only(Rule::Audit));
    assert_eq!(after(|history| history.end.entries.clear()), only(Rule::Audit));
    assert_eq!(after(|history| row(history).deleted_by = Some("act 6".to_owned())), only(Rule::Audit));
}

#[test]
fn only_its_author_deletes_a_message_without_an_entry() {
    let without = |history: &mut History| {
        history.end.entries.clear();
        row(history).deleted_by = None;
    };
    assert_eq!(after(without), only(Rule::Audit));
    let by_author = after(|history| {
        without(history);
        history.events.push(Event::Deleting { id: 100_000_001, by: "ann".to_owned() });
    });
    assert_eq!(by_author, BTreeSet::new());
    let stands = after(|history| {
        without(history);
        row(history).text = Some("text 1".to_owned());
        history.events.retain(|event| !matches!(event, Event::HeardDeletion { .. }));
    });
    assert_eq!(stands, BTreeSet::new(), "the deletion was refused, or failed");
}
