//! All key formats of both tables. Keys spread by nature: one partition key bears about 1,000 small writes a second, so
//! likes and idempotency rows have keys of their own, apart from the session and its messages.

use std::collections::HashMap;
use std::hash::Hasher;

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::message::MessageId;
use crate::domain::ticket::Ticket;

/// The key of a row: `pk` and `sk`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Key {
        Key { pk, sk: sk.into() }
    }

    pub(crate) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

// The chat table.

/// Partition of all windows, by the draw's date.
pub(crate) const WINDOWS: &str = "windows";

/// Which session a window has.
pub(crate) fn window(window_key: &str) -> Key {
    Key::new(WINDOWS.to_owned(), window_key)
}

/// The id that was given to a session last.
pub(crate) fn last_session() -> Key {
    Key::new("sessions".to_owned(), "last")
}

/// Partition of a session's head: the session, its like shards, its viewers.
pub(crate) fn head(session_id: u64) -> String {
    format!("session#{session_id}")
}

/// The session itself.
pub(crate) fn session(session_id: u64) -> Key {
    Key::new(head(session_id), "session")
}

/// One shard of the session's likes.
pub(crate) fn like_shard(session_id: u64, shard: u8) -> Key {
    Key::new(head(session_id), format!("likes#{shard}"))
}

/// The session's number of viewers.
pub(crate) fn viewers(session_id: u64) -> Key {
    Key::new(head(session_id), "viewers")
}

/// Partition of a session's messages.
pub(crate) fn messages(session_id: u64) -> String {
    format!("messages#{session_id}")
}

/// A message, or the void that took its number.
pub(crate) fn message(session_id: u64, seq: u64) -> Key {
    Key::new(messages(session_id), message_sort_key(seq))
}

/// Sort key of a message's number: all have the same length, so that they sort as numbers do.
pub(crate) fn message_sort_key(seq: u64) -> String {
    format!("{seq:08}")
}

/// That a user likes a session.
pub(crate) fn session_like(session_id: u64, user_id: &str) -> Key {
    Key::new(format!("like#session#{session_id}#{user_id}"), "like")
}

/// That a user likes a message.
pub(crate) fn message_like(id: MessageId, user_id: &str) -> Key {
    Key::new(format!("like#message#{id}#{user_id}"), "like")
}

/// The bell that `housekeep` rings.
pub(crate) fn wake_up(session_id: u64) -> Key {
    Key::new(format!("bell#{session_id}"), "ring")
}

/// The bell that asks for one socket to be closed.
pub(crate) fn close_request(session_id: u64, connection_id: &str) -> Key {
    Key::new(format!("bell#{session_id}"), format!("close#{connection_id}"))
}

// The connections table.

/// A socket, found by its connection id.
pub(crate) fn socket(connection_id: &str) -> Key {
    Key::new(format!("socket#{connection_id}"), "socket")
}

/// Partition of a session's open sockets.
pub(crate) fn room(session_id: u64) -> String {
    format!("room#{session_id}")
}

/// A socket's place in the room of its session.
pub(crate) fn subscriber(session_id: u64, connection_id: &str) -> Key {
    Key::new(room(session_id), subscriber_sort_key(connection_id))
}

/// Sort key of a place: connection ids spread evenly over four hexadecimal digits, so that a room can be cut into
/// slices of about equal size without counting it.
fn subscriber_sort_key(connection_id: &str) -> String {
    format!("{:04x}#{connection_id}", subscriber_bucket(connection_id))
}

/// The bucket of a place.
pub(crate) fn subscriber_bucket(connection_id: &str) -> u16 {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(connection_id.as_bytes());
    hasher.finish() as u16
}

/// Leaves of a place's sort key the connection id, and a connection id as it is.
pub(crate) fn keep_connection_id(sort_key: &mut String) {
    // API Gateway's ids are base64url.
    if let Some(separator) = sort_key.find('#') {
        sort_key.drain(..=separator);
    }
}

/// Partition that lists the sockets of a session's hosts and moderators.
pub(crate) fn staff(session_id: u64) -> String {
    format!("staff#{session_id}")
}

/// A socket of a host or moderator, by its connection id.
pub(crate) fn staff_socket(session_id: u64, connection_id: &str) -> Key {
    Key::new(staff(session_id), connection_id)
}

/// Partition of a session's viewers.
pub(crate) fn presences(session_id: u64) -> String {
    format!("presence#{session_id}")
}

/// One viewer of a session.
pub(crate) fn presence(session_id: u64, user_id: &str) -> Key {
    Key::new(presences(session_id), user_id)
}

/// What a user sent in the last minute.
pub(crate) fn rate(user_id: &str) -> Key {
    Key::new(format!("rate#{user_id}"), "rate")
}

/// The message that a user sent under a `client_message_id`.
pub(crate) fn sent(session_id: u64, user_id: &str, client_message_id: &str) -> Key {
    Key::new(format!("sent#{session_id}#{user_id}"), client_message_id)
}

/// A ticket, found by its hash. A plain hash is enough: 256 random bits cannot be guessed from it.
pub(crate) fn ticket(ticket: &Ticket) -> Key {
    let hash = digest(&SHA256, ticket.as_bytes());
    Key::new(format!("ticket#{}", URL_SAFE_NO_PAD.encode(hash)), "ticket")
}

/// How far the broadcast of a session has come.
pub(crate) fn cursor(session_id: u64) -> Key {
    Key::new(format!("cursor#{session_id}"), "cursor")
}

/// What a changed row of the chat table is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedRow {
    /// A message's row.
    Message(MessageId),
    /// The likes of a session.
    Likes(u64),
    /// The viewers of a session.
    Viewers(u64),
    /// The session itself.
    Session(u64),
    /// The bell of a session.
    WakeUp(u64),
    /// A request to close this socket of a session.
    Close(u64, String),
}

impl ChangedRow {
    /// The session whose row it is.
    pub fn session_id(&self) -> u64 {
        match self {
            ChangedRow::Message(id) => id.session_id(),
            ChangedRow::Likes(id)
            | ChangedRow::Viewers(id)
            | ChangedRow::Session(id)
            | ChangedRow::WakeUp(id)
            | ChangedRow::Close(id, _) => *id,
        }
    }

    /// Reads a row's key; `None` for rows that nobody hears of.
    pub fn from_key(pk: &str, sk: &str) -> Option<ChangedRow> {
        let (kind, session) = pk.split_once('#')?;
        let session_id = session.parse().ok()?;
        match (kind, sk) {
            ("messages", seq) => MessageId::checked(session_id, seq.parse().ok()?).map(ChangedRow::Message),
            ("session", "session") => Some(ChangedRow::Session(session_id)),
            ("session", "viewers") => Some(ChangedRow::Viewers(session_id)),
            ("session", shard) if shard.starts_with("likes#") => Some(ChangedRow::Likes(session_id)),
            ("bell", "ring") => Some(ChangedRow::WakeUp(session_id)),
            ("bell", close) => Some(ChangedRow::Close(session_id, close.strip_prefix("close#")?.to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_row_tells_what_it_is_about() {
        let of = |key: Key| ChangedRow::from_key(&key.pk, &key.sk);
        assert_eq!(of(message(3, 17)), Some(ChangedRow::Message(MessageId::new(3, 17))));
        assert_eq!(of(like_shard(3, 7)), Some(ChangedRow::Likes(3)));
        assert_eq!(of(viewers(3)), Some(ChangedRow::Viewers(3)));
        assert_eq!(of(session(3)), Some(ChangedRow::Session(3)));
        assert_eq!(of(wake_up(3)), Some(ChangedRow::WakeUp(3)));
        assert_eq!(of(close_request(3, "abc=")), Some(ChangedRow::Close(3, "abc=".to_owned())));
        assert_eq!(of(session_like(3, "messages#3")), None);
        assert_eq!(of(window("2024-01-01")), None);
    }

    #[test]
    fn a_row_whose_numbers_no_session_can_have_is_nobodys_news() {
        assert_eq!(ChangedRow::from_key("messages#18446744073709551615", "00000001"), None);
        assert_eq!(ChangedRow::from_key("messages#1", "100000000"), None);
    }

    #[test]
    fn users_cannot_make_two_keys_meet() {
        assert_ne!(sent(1, "a#b", "c"), sent(1, "a", "b#c"));
        assert_ne!(presence(1, "a#b"), presence(1, "a"));
        assert_ne!(session_like(1, "2#x"), session_like(12, "x"));
    }

    #[test]
    fn a_ticket_is_not_in_its_key() {
        let secret = Ticket::from_bytes([7; 32]);
        let key = ticket(&secret);
        assert!(!key.pk.contains(&secret.to_text()) && key.pk.len() == "ticket#".len() + 43, "{key:?}");
        assert_ne!(key, ticket(&Ticket::from_bytes([8; 32])));
    }

    #[test]
    fn places_spread_evenly() {
        let mut slices = [0; 16];
        for i in 0..16_000 {
            slices[usize::from_str_radix(&subscriber_sort_key(&format!("connection{i}="))[..1], 16).unwrap()] += 1;
        }
        assert!(slices.iter().all(|size| (800..1200).contains(size)), "{slices:?}");
    }
}
