//! The kinds of rows that name a user, by the functions of [`crate::platform::dynamo::keys`] that make their keys. A test fails while one of
//! these that takes the id of a user is missing here.

/// The step of an erasure that takes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Once, at the beginning.
    Once,
    /// In each session.
    InEachSession,
    /// Once, at the end: until then the row says what holds of the user, or who that is.
    AtTheEnd,
}

/// Each kind, and the step that takes it.
pub const KINDS: &[(&str, Step)] = &[
    ("acted", Step::Once),
    ("acts_of", Step::Once),
    ("all_waiting", Step::Once),
    ("budget", Step::Once),
    ("budgets_of", Step::Once),
    ("rate", Step::Once),
    ("reaction_rate", Step::Once),
    ("report_rate", Step::Once),
    ("waiting", Step::Once),
    ("all_sent", Step::InEachSession),
    ("all_sent_events", Step::InEachSession),
    ("liked_message", Step::InEachSession),
    ("liked_messages", Step::InEachSession),
    ("message_like", Step::InEachSession),
    ("presence", Step::InEachSession),
    ("report", Step::InEachSession),
    ("sent", Step::InEachSession),
    ("sent_event", Step::InEachSession),
    ("session_like", Step::InEachSession),
    ("uncounted_user", Step::InEachSession),
    ("vote", Step::InEachSession),
    ("pseudonym", Step::AtTheEnd),
    ("standing", Step::AtTheEnd),
];

/// Functions that take the id of a user and make no key that names it.
pub const NAMELESS: &[&str] = &["shard_of"];

/// Rows that name a user in an attribute, or under the pseudonym, and the step that takes them or what they say.
pub const NAMING: &[(&str, Step)] = &[
    // Sanctions in the list.
    ("listed_sanction", Step::Once),
    // Messages of the user, mentions of the user in those of others, and events that name the user.
    ("message", Step::InEachSession),
    ("held", Step::InEachSession),
    ("resolved", Step::InEachSession),
    // The author of a reported message, and what others wrote of it.
    ("tally", Step::InEachSession),
    ("covered", Step::InEachSession),
    // Entrants, winners, and those who are not entered.
    ("draw", Step::InEachSession),
    ("entrant_people", Step::InEachSession),
    ("staff_socket", Step::InEachSession),
    ("person", Step::AtTheEnd),
    ("entry_text", Step::AtTheEnd),
    ("erasure", Step::AtTheEnd),
];
