//! Messages, in the order of their numbers.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::caller::Caller;
use crate::domain::cover::Covers;
use crate::domain::message::MessageId;
use crate::domain::page::Anchor;
use crate::domain::wire::log_event::{LogEvent, LogEventKind, known_event};
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{Consistency, FromItem, Item, parse, text};
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

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

    /// Whether it takes messages out of the room, or brings them back.
    pub fn concerns_messages(&self) -> bool {
        matches!(self, LogEntry::Event(event) if event.kind.concerns_messages())
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

    /// A bound of [`LogEntry::json_bytes`] that is found without writing the entry, where there is one.
    pub(super) fn json_bytes_at_most(&self) -> Option<usize> {
        match self {
            LogEntry::Message(message) | LogEntry::Shadowed(message) => message.json_bytes_at_most(),
            LogEntry::Event(_) => None,
            LogEntry::Nothing { .. } => Some(0),
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

/// A row of the partition of messages: a message, an event, a void, or a deleted message, whose text has another name
/// ([`super::store_kept`]).
pub(super) struct MessageRow {
    marks: Marks,
    message: Option<StoredMessage>,
}

/// What a row of a message has beside the message.
#[derive(Deserialize)]
struct Marks {
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
}

impl Marks {
    const NAMES: [&str; 5] = ["sk", "event", "void", "deleted", "is_hidden"];
}

impl FromItem for MessageRow {
    // `#[serde(flatten)]` would do the same, but it copies every attribute once more, and a page has hundreds.
    fn from_item(mut item: Item) -> Result<MessageRow, StoreError> {
        let marks: Item = Marks::NAMES.into_iter().filter_map(|name| item.remove_entry(name)).collect();
        Ok(MessageRow { marks: parse(marks)?, message: parse(item).ok() })
    }
}

impl MessageRow {
    /// The message, if it stands or is hidden, and whether it is or was hidden.
    pub(super) fn read_hidden(self, now: Timestamp) -> Option<(StoredMessage, Option<bool>)> {
        let marks = self.marks;
        let message = self.message.filter(|message| {
            let is_kept = (!marks.void || message.is_shadowed()) && (!marks.deleted || marks.is_hidden == Some(true));
            is_kept && !is_expired(message.expires_at, now)
        })?;
        Some((message, marks.is_hidden))
    }

    pub(super) fn read(self, now: Timestamp) -> Result<LogEntry, StoreError> {
        let marks = self.marks;
        match self.message {
            Some(message) if message.is_shadowed() && !marks.deleted && !is_expired(message.expires_at, now) => {
                Ok(LogEntry::Shadowed(Box::new(message)))
            }
            Some(message) if !marks.void && !marks.deleted && !is_expired(message.expires_at, now) => {
                Ok(LogEntry::Message(Box::new(message)))
            }
            _ => {
                let not_a_number = |_| StoreError::new("reading a message", "its sort key is not a number");
                let seq = marks.sk.parse().map_err(not_a_number)?;
                Ok(marks.event.map_or(LogEntry::Nothing { seq }, |kind| LogEntry::Event(LogEvent { seq, kind })))
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

    pub(super) async fn entry_of(&self, id: MessageId, now: Timestamp) -> Result<Option<LogEntry>, StoreError> {
        let key = keys::message(id.session_id(), id.seq());
        let row: Option<MessageRow> = self.get(&self.chat, &key, Consistency::Strong).await?;
        row.map(|row| row.read(now)).transpose()
    }
}
