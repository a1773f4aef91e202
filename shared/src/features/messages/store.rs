//! Messages, in the order of their numbers.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::caller::{Attributes, Caller};
use crate::domain::cover::Covers;
use crate::domain::message::{Draft, Message, MessageId, MessageType};
use crate::domain::page::Anchor;
use crate::domain::time;
use crate::domain::wire::log_event::{LogEvent, LogEventKind, known_event};
use crate::platform::dynamo::calls::{Consistency, text};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};
use crate::platform::trace::{self, TraceId};

/// The entry of a session's log under a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEntry {
    /// A message. It is boxed, because the other variant is far smaller.
    Message(Box<StoredMessage>),
    /// A message that nobody but its author and staff sees. For all others its number is void.
    Shadowed(Box<StoredMessage>),
    /// A numbered event that is no message.
    Event(LogEvent),
    /// A void, or a message that was deleted or has expired.
    Nothing {
        /// The number.
        seq: u64,
    },
}

impl LogEntry {
    /// The number.
    pub fn seq(&self) -> u64 {
        match self {
            LogEntry::Message(message) | LogEntry::Shadowed(message) => message.seq,
            LogEntry::Event(event) => event.seq,
            LogEntry::Nothing { seq } => *seq,
        }
    }

    /// The message, if there is one.
    pub fn as_message(&self) -> Option<&StoredMessage> {
        match self {
            LogEntry::Message(message) => Some(message.as_ref()),
            LogEntry::Shadowed(_) | LogEntry::Event(_) | LogEntry::Nothing { .. } => None,
        }
    }

    /// Takes the message, if there is one.
    pub fn into_message(self) -> Option<StoredMessage> {
        match self {
            LogEntry::Message(message) => Some(*message),
            LogEntry::Shadowed(_) | LogEntry::Event(_) | LogEntry::Nothing { .. } => None,
        }
    }

    /// The most bytes that the entry takes in a list of JSON, in any time zone.
    pub(super) fn json_bytes(&self) -> usize {
        match self {
            LogEntry::Message(message) | LogEntry::Shadowed(message) => message.json_bytes(),
            LogEntry::Event(event) => serde_json::to_string(event).expect("an event has only text keys").len() + 1,
            LogEntry::Nothing { .. } => 0,
        }
    }

    /// The entry as clients may see it: nothing in place of a message that is covered.
    pub fn uncovered(self, covers: &Covers) -> LogEntry {
        match self {
            LogEntry::Message(message) | LogEntry::Shadowed(message) if covers.hides(&message.user_id, message.seq) => {
                LogEntry::Nothing { seq: message.seq }
            }
            other => other,
        }
    }

    /// The entry as a reader may see it.
    pub fn seen_by(self, reader: &Caller) -> LogEntry {
        match self {
            LogEntry::Shadowed(message) if message.user_id == reader.user_id || reader.reads_as_staff() => {
                LogEntry::Message(message)
            }
            LogEntry::Shadowed(message) => LogEntry::Nothing { seq: message.seq },
            other => other,
        }
    }
}

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    pub(crate) session_id: u64,
    pub(crate) seq: u64,
    /// The author.
    pub user_id: String,
    username: String,
    profile_pic: Option<String>,
    /// That of a hidden or shadowed message has another name, so that whatever shows texts misses it.
    #[serde(alias = "hidden_text", alias = "shadow_text")]
    text: String,
    likes: u64,
    pub(crate) created_ms: i64,
    is_winner: bool,
    is_host: bool,
    badge: Option<String>,
    client_message_id: Option<String>,
    pub(crate) expires_at: Option<i64>,
    /// The trace id of the request that stored it.
    #[serde(default)]
    trace: Option<String>,
    /// The author's attributes. Older rows lack them, and so do those of authors without any.
    #[serde(default, rename = "author_attributes", skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
    /// Whether the author was of the staff, but no host. Older rows lack it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_staff: bool,
    /// Whether nobody but the author and staff sees it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    shadowed: bool,
}

impl StoredMessage {
    pub(crate) fn new(
        session_id: u64,
        seq: u64,
        author: &Caller,
        draft: &Draft,
        now: Timestamp,
        expires_at: Option<i64>,
    ) -> StoredMessage {
        StoredMessage {
            session_id,
            seq,
            user_id: author.user_id.clone(),
            username: author.username.clone(),
            profile_pic: author.profile_pic.clone(),
            text: draft.text.as_str().to_owned(),
            likes: 0,
            created_ms: now.as_millisecond(),
            is_winner: author.is_winner(),
            is_host: author.is_host,
            badge: author.badge.clone(),
            client_message_id: draft.client_message_id.as_ref().map(|key| key.as_str().to_owned()),
            expires_at,
            trace: trace::current().map(|trace| trace.as_str().to_owned()),
            attributes: author.attributes.clone(),
            by_staff: author.is_staff() && !author.is_host,
            shadowed: false,
        }
    }

    /// Whether nobody but the author and staff sees it.
    pub fn is_shadowed(&self) -> bool {
        self.shadowed
    }

    /// Whether the author was of the staff.
    pub fn is_by_staff(&self) -> bool {
        self.by_staff || self.is_host
    }

    /// The author's name.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The message's id.
    pub fn id(&self) -> MessageId {
        MessageId::new(self.session_id, self.seq)
    }

    /// The number of users who like it.
    pub fn likes(&self) -> u64 {
        self.likes
    }

    /// The key that its sender gave it.
    pub(super) fn client_message_id(&self) -> Option<&str> {
        self.client_message_id.as_deref()
    }

    /// The key of its row.
    pub(super) fn key(&self) -> Key {
        keys::message(self.session_id, self.seq)
    }

    /// The time of storage.
    pub fn created(&self) -> Timestamp {
        time::from_millis(self.created_ms)
    }

    /// The trace id of the request that stored it.
    pub fn trace(&self) -> Option<TraceId> {
        self.trace.as_deref().and_then(TraceId::parse)
    }

    /// The most bytes that the message takes in a list of JSON, in any time zone.
    pub(super) fn json_bytes(&self) -> usize {
        /// An offset such as `-05:00` in place of `Z`, the comma, and `"user_liked":false,`.
        const MORE: usize = 5 + 1 + 19;
        let message = self.to_wire(&TimeZone::UTC);
        serde_json::to_string(&message).expect("a message has only text keys and finite numbers").len() + MORE
    }

    /// The message as clients see it.
    pub fn to_wire(&self, zone: &TimeZone) -> Message {
        Message {
            id: self.id(),
            seq: self.seq,
            session_id: self.session_id,
            user_id: self.user_id.clone(),
            username: self.username.clone(),
            profile_pic: self.profile_pic.clone(),
            message: self.text.clone(),
            message_type: MessageType::Text,
            likes: self.likes,
            created_at: time::to_the_millisecond(time::from_millis(self.created_ms), zone),
            is_winner: self.is_winner,
            is_host: self.is_host,
            badge: self.badge.clone(),
            client_message_id: self.client_message_id.clone(),
            attributes: self.attributes.clone(),
            shadowed: false,
        }
    }

    /// The message as this reader sees it: staff are told that it is shadowed, its author is not.
    pub fn to_wire_for(&self, reader: &Caller, zone: &TimeZone) -> Message {
        let shadowed = self.shadowed && reader.reads_as_staff();
        Message { shadowed, ..self.to_wire(zone) }
    }

    /// The message as staff see it.
    pub fn to_wire_for_staff(&self, zone: &TimeZone) -> Message {
        Message { shadowed: self.shadowed, ..self.to_wire(zone) }
    }
}

/// A row of the partition of messages: a message, an event, a void, or a deleted message, which keeps its number only.
#[derive(Deserialize)]
pub(super) struct MessageRow {
    sk: String,
    #[serde(default, deserialize_with = "known_event")]
    event: Option<LogEventKind>,
    #[serde(default)]
    void: bool,
    #[serde(default)]
    deleted: bool,
    /// Whether the message is hidden; `false` if it was, and is back.
    #[serde(default)]
    is_hidden: Option<bool>,
    #[serde(flatten)]
    message: Option<StoredMessage>,
}

impl MessageRow {
    /// The message, if it stands or is hidden, and whether it is or was hidden.
    pub(super) fn read_hidden(self, now: Timestamp) -> Option<(StoredMessage, Option<bool>)> {
        let message = self.message.filter(|message| {
            let is_kept = (!self.void || message.shadowed) && (!self.deleted || self.is_hidden == Some(true));
            is_kept && !is_expired(message.expires_at, now)
        })?;
        Some((message, self.is_hidden))
    }

    pub(super) fn read(self, now: Timestamp) -> Result<LogEntry, StoreError> {
        match self.message {
            Some(message) if message.shadowed && !self.deleted && !is_expired(message.expires_at, now) => {
                Ok(LogEntry::Shadowed(Box::new(message)))
            }
            Some(message) if !self.void && !self.deleted && !is_expired(message.expires_at, now) => {
                Ok(LogEntry::Message(Box::new(message)))
            }
            _ => {
                let not_a_number = |_| StoreError::new("reading a message", "its sort key is not a number");
                let seq = self.sk.parse().map_err(not_a_number)?;
                Ok(self.event.map_or(LogEntry::Nothing { seq }, |kind| LogEntry::Event(LogEvent { seq, kind })))
            }
        }
    }
}

impl Store {
    /// A strongly consistent query of a session's log above `floor`: ascending after an anchor, otherwise descending. An anchor before
    /// `floor + 2` leaves nothing to query.
    pub(super) fn log_query(&self, session_id: u64, anchor: Anchor, floor: u64) -> QueryFluentBuilder {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .expression_attribute_values(":pk", text(keys::messages(session_id)));
        let edge = |seq| text(keys::message_sort_key(seq));
        let query = match anchor {
            Anchor::Newest if floor == 0 => query.key_condition_expression("pk = :pk"),
            Anchor::Newest => query
                .key_condition_expression("pk = :pk AND sk > :edge")
                .expression_attribute_values(":edge", edge(floor)),
            Anchor::Before(seq) if floor == 0 => query
                .key_condition_expression("pk = :pk AND sk < :edge")
                .expression_attribute_values(":edge", edge(seq)),
            Anchor::Before(seq) => query
                .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":first", edge(floor + 1))
                .expression_attribute_values(":last", edge(seq - 1)),
            Anchor::After(seq) => query
                .key_condition_expression("pk = :pk AND sk > :edge")
                .expression_attribute_values(":edge", edge(seq.max(floor))),
        };
        query.consistent_read(true).scan_index_forward(matches!(anchor, Anchor::After(_)))
    }

    /// One message, covered or not; `None` if it does not exist, is shadowed, was deleted or has expired.
    pub async fn message(&self, id: MessageId, now: Timestamp) -> Result<Option<StoredMessage>, StoreError> {
        Ok(self.entry_of(id, now).await?.and_then(LogEntry::into_message))
    }

    /// [`Store::message`] for a reader, who may see shadowed ones.
    pub async fn message_for(
        &self,
        id: MessageId,
        reader: &Caller,
        now: Timestamp,
    ) -> Result<Option<StoredMessage>, StoreError> {
        let entry = self.entry_of(id, now).await?;
        Ok(entry.and_then(|entry| entry.seen_by(reader).into_message()))
    }

    async fn entry_of(&self, id: MessageId, now: Timestamp) -> Result<Option<LogEntry>, StoreError> {
        let key = keys::message(id.session_id(), id.seq());
        let row: Option<MessageRow> = self.get(&self.chat, &key, Consistency::Strong).await?;
        row.map(|row| row.read(now)).transpose()
    }
}
