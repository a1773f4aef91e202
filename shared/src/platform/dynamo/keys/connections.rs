//! The keys of the connections table.

use std::hash::Hasher;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::budget::Budget;
use crate::domain::ticket::Ticket;

use super::Key;

/// A socket, by its connection id.
pub(crate) fn socket(connection_id: &str) -> Key {
    Key::new(format!("socket#{connection_id}"), "socket")
}

/// The partition of a session's open sockets.
pub(crate) fn room(session_id: u64) -> String {
    format!("room#{session_id}")
}

/// A subscriber: a socket's row in the room of its session.
pub(crate) fn subscriber(session_id: u64, connection_id: &str) -> Key {
    Key::new(room(session_id), subscriber_sort_key(connection_id))
}

/// The sort key of a subscriber. Four hexadecimal digits spread the subscribers evenly, so that a room can be cut into slices of about
/// equal size without counting it.
pub(super) fn subscriber_sort_key(connection_id: &str) -> String {
    format!("{:04x}#{connection_id}", subscriber_bucket(connection_id))
}

/// The bucket of a subscriber, from a hash of its connection id.
pub(crate) fn subscriber_bucket(connection_id: &str) -> u16 {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(connection_id.as_bytes());
    hasher.finish() as u16
}

/// Cuts a subscriber's sort key down to its connection id. Leaves a bare connection id as it is.
pub(crate) fn strip_bucket(sort_key: &mut String) {
    // Connection ids are base64url, so they contain no `#`.
    if let Some(separator) = sort_key.find('#') {
        sort_key.drain(..=separator);
    }
}

/// The partition that lists the sockets of a session's hosts and moderators.
pub(crate) fn staff(session_id: u64) -> String {
    format!("staff#{session_id}")
}

/// A socket of a host or moderator, by its connection id.
pub(crate) fn staff_socket(session_id: u64, connection_id: &str) -> Key {
    Key::new(staff(session_id), connection_id)
}

/// The partition of a session's viewers.
pub(crate) fn presences(session_id: u64) -> String {
    format!("presence#{session_id}")
}

/// One viewer of a session.
pub(crate) fn presence(session_id: u64, user_id: &str) -> Key {
    Key::new(presences(session_id), user_id)
}

/// The partition of those in a session who are no viewers.
pub(crate) fn uncounted(session_id: u64) -> String {
    format!("uncounted#{session_id}")
}

/// One of those in a session who are no viewers.
pub(crate) fn uncounted_user(session_id: u64, user_id: &str) -> Key {
    Key::new(uncounted(session_id), user_id)
}

/// The sends of a user in the last minute.
pub(crate) fn rate(user_id: &str) -> Key {
    Key::new(format!("rate#{user_id}"), "rate")
}

/// The reports of a user in the last hour.
pub(crate) fn report_rate(user_id: &str) -> Key {
    Key::new(format!("rate#{user_id}"), "reports")
}

/// The reactions of a user in the last second.
pub(crate) fn reaction_rate(user_id: &str) -> Key {
    Key::new(format!("rate#{user_id}"), "reactions")
}

/// The partition of what a user has spent of budgets.
pub(crate) fn budgets_of(user_id: &str) -> String {
    format!("budget#{user_id}")
}

/// What a user has spent of a budget in a minute, counted from 1970.
pub(crate) fn budget(user_id: &str, budget: Budget, minute: i64) -> Key {
    Key::new(budgets_of(user_id), format!("{}#{minute}", budget.name()))
}

/// The partition of the receipts of a user's messages.
pub(crate) fn all_sent(session_id: u64, user_id: &str) -> String {
    format!("sent#{session_id}#{user_id}")
}

/// The partition of the receipts of a user's events.
pub(crate) fn all_sent_events(session_id: u64, user_id: &str) -> String {
    format!("sent-event#{session_id}#{user_id}")
}

/// The receipt of a user's message under a `client_message_id`.
pub(crate) fn sent(session_id: u64, user_id: &str, client_message_id: &str) -> Key {
    Key::new(all_sent(session_id, user_id), client_message_id)
}

/// The receipt of a user's event under a `client_event_id`.
pub(crate) fn sent_event(session_id: u64, user_id: &str, client_event_id: &str) -> Key {
    Key::new(all_sent_events(session_id, user_id), client_event_id)
}

/// A ticket, by its hash. A plain hash suffices, because 256 random bits cannot be guessed.
pub(crate) fn ticket(ticket: &Ticket) -> Key {
    let hash = digest(&SHA256, ticket.as_bytes());
    Key::new(format!("ticket#{}", URL_SAFE_NO_PAD.encode(hash)), "ticket")
}

/// The progress of a session's broadcast.
pub(crate) fn cursor(session_id: u64) -> Key {
    Key::new(format!("cursor#{session_id}"), "cursor")
}

/// The row that a health check writes.
pub(crate) fn probe() -> Key {
    Key::new("probe".to_owned(), "probe")
}

/// The partition of the events that wait for a receiver, sorted by the times at which they are due.
pub(crate) fn waiting_events(receiver: &str) -> String {
    format!("events#{receiver}")
}

/// The beginning of the sort keys of events that are due at a time, in milliseconds since 1970.
pub(crate) fn events_due_at(due_ms: i64) -> String {
    format!("{due_ms:015}#")
}

/// An event that waits for a receiver.
pub(crate) fn waiting_event(receiver: &str, due_ms: i64, event_id: &str) -> Key {
    Key::new(waiting_events(receiver), format!("{}{event_id}", events_due_at(due_ms)))
}

/// An event that a receiver did not take for a day.
pub(crate) fn dead_event(receiver: &str, event_id: &str) -> Key {
    Key::new("events#dead".to_owned(), format!("{receiver}#{event_id}"))
}
