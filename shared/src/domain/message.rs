//! Messages: their ids, their keys, and their form on the wire.

use serde::{Deserialize, Serialize};

use crate::domain::announcement::Color;
use crate::domain::caller::attributes::Attributes;
use crate::domain::error::ChatError;
use crate::domain::number;
use crate::domain::quote::Quote;
use crate::domain::text::message_text::MessageText;

/// Keeps the ids of different sessions apart.
const SEQS_PER_SESSION: u64 = 100_000_000;
/// The highest number that a session can allocate.
pub const MAX_SEQ: u64 = SEQS_PER_SESSION - 1;
/// Ids stay below this, so that a JSON number holds them in JavaScript (RFC 8259, section 6).
const FIRST_UNSAFE_INTEGER: u64 = 1 << 53;
/// In characters.
const MAX_CLIENT_MESSAGE_ID: usize = 128;

/// A message's id, unique across sessions: `session_id × 100000000 + seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(u64);

impl MessageId {
    /// The id as a number.
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// The id of a session's message with this number.
    pub fn new(session_id: u64, seq: u64) -> MessageId {
        MessageId(session_id * SEQS_PER_SESSION + seq)
    }

    /// The id for unchecked numbers; `None` if no message can have them.
    pub fn checked(session_id: u64, seq: u64) -> Option<MessageId> {
        let is_possible = session_id < FIRST_UNSAFE_INTEGER / SEQS_PER_SESSION && seq <= MAX_SEQ;
        is_possible.then(|| MessageId::new(session_id, seq))
    }

    /// Reads an id from a path or a query.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for anything but a whole number from 0 to 2^53 - 1.
    pub fn parse(text: &str) -> Result<MessageId, ChatError> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<u64>() {
            Ok(id) if digits && id < FIRST_UNSAFE_INTEGER => Ok(MessageId(id)),
            _ => Err(ChatError::InvalidRequest("A message id is a whole number".to_owned())),
        }
    }

    /// The id of a JSON number; `None` unless it is whole and from 0 to 2^53 - 1, however it is written.
    pub fn of_number(text: &str) -> Option<MessageId> {
        let id = u64::try_from(number::whole(text)?).ok()?;
        (id < FIRST_UNSAFE_INTEGER).then_some(MessageId(id))
    }

    /// The session of the message.
    pub fn session_id(self) -> u64 {
        self.0 / SEQS_PER_SESSION
    }

    /// The message's number within its session.
    pub fn seq(self) -> u64 {
        self.0 % SEQS_PER_SESSION
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A client's key for a message, which makes its send repeatable (docs/contract.md, Sending).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientMessageId(String);

impl ClientMessageId {
    /// Checks a key.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] unless it has 1 to 128 characters, none of them a control character.
    pub fn parse(text: &str) -> Result<ClientMessageId, ChatError> {
        let length = text.chars().count();
        if length == 0 || length > MAX_CLIENT_MESSAGE_ID || text.chars().any(char::is_control) {
            return Err(ChatError::InvalidRequest(format!(
                "client_message_id must have 1 to {MAX_CLIENT_MESSAGE_ID} characters, none of them a control character"
            )));
        }
        Ok(ClientMessageId(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A checked message that is not sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The text.
    pub text: MessageText,
    /// The key that makes the send repeatable.
    pub client_message_id: Option<ClientMessageId>,
    /// The text as its author wrote it, if rules or a review have changed it. Staff alone see it.
    pub original: Option<MessageText>,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// The ids of the users that it mentions.
    pub mentions: Vec<String>,
    /// Its colour, if it is an announcement.
    pub announcement: Option<Color>,
    /// Whether its author's name can be taken for that of a member of the staff in the room.
    pub resembles_staff: bool,
    /// Whether it is a question to the host.
    pub question: bool,
}

impl Draft {
    /// A message that replies to none and mentions nobody.
    pub fn new(text: MessageText, client_message_id: Option<ClientMessageId>) -> Draft {
        let (original, reply_to, announcement) = (None, None, None);
        Draft {
            text,
            client_message_id,
            original,
            reply_to,
            mentions: Vec::new(),
            announcement,
            resembles_staff: false,
            question: false,
        }
    }

    /// The message with the text that rules or a review give it.
    #[must_use]
    pub fn rewritten(&self, text: &MessageText) -> Draft {
        let written = self.original.as_ref().unwrap_or(&self.text);
        let original = (written != text).then(|| written.clone());
        Draft { text: text.clone(), original, ..self.clone() }
    }
}

/// A message as clients see it (docs/contract.md, Messages).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Unique across sessions.
    pub id: MessageId,
    /// The message's number in its session.
    pub seq: u64,
    /// The session.
    pub session_id: u64,
    /// The author.
    pub user_id: String,
    /// The author's display name at the time of sending.
    pub username: String,
    /// The author's picture.
    pub profile_pic: Option<String>,
    /// The text, cleaned.
    pub message: String,
    /// What it is.
    pub message_type: MessageType,
    /// The number of users who like it.
    pub likes: u64,
    /// RFC 3339 with milliseconds.
    pub created_at: String,
    /// Whether the author holds a winner's badge.
    pub is_winner: bool,
    /// Whether the author is a host.
    pub is_host: bool,
    /// Whether the author may moderate, but is no host. Absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_moderator: bool,
    /// Whether the author's name can be taken for that of a member of the staff in the room. Absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resembles_staff: bool,
    /// The author's badge.
    pub badge: Option<String>,
    /// The key that its sender gave it.
    pub client_message_id: Option<String>,
    /// The author's attributes; absent if the token had none.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Whether nobody but its author and staff sees it. Only staff are told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadowed: bool,
    /// The message that it replies to; absent if it replies to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// The ids of the users that it mentions; absent if it mentions nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// That of an announcement; absent of any other message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// Whether staff have answered the question; absent of any other message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<bool>,
    /// Whether something of it was left out. That happens to pinned messages alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// The message to which another one replies, and what that one shows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// Which.
    pub id: MessageId,
    /// What is shown.
    #[serde(flatten)]
    pub quote: Quote,
}

/// The kinds of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// A text that a user wrote.
    Text,
    /// A text of the host that stands out.
    Announcement,
    /// A question to the host, whose likes are votes.
    Question,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_session_and_its_number() {
        let id = MessageId::new(12, 345);
        assert_eq!((id.to_string().as_str(), id.session_id(), id.seq()), ("1200000345", 12, 345));
        assert_eq!(MessageId::parse("1200000345").unwrap(), id);
    }

    #[test]
    fn a_parent_that_is_gone_leaves_its_id_alone() {
        let gone = ReplyTo { id: MessageId::new(1, 2), quote: Quote::default() };
        let expected = r#"{"id":100000002,"user_id":null,"username":null,"excerpt":null}"#;
        assert_eq!(serde_json::to_string(&gone).unwrap(), expected);
    }

    #[test]
    fn ids_that_are_no_safe_whole_number_are_refused() {
        for text in ["", "-1", "+1", "1.0", "abc", "12345678901234567890", "9007199254740992", "١"] {
            assert_eq!(MessageId::parse(text).unwrap_err().code(), "invalid_request", "{text:?}");
        }
    }

    #[test]
    fn a_client_message_id_has_1_to_128_characters() {
        assert!(ClientMessageId::parse(&"é".repeat(128)).is_ok());
        for text in ["", "a\0", &"a".repeat(129)] {
            assert_eq!(ClientMessageId::parse(text).unwrap_err().code(), "invalid_request");
        }
    }
}
