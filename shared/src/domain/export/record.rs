//! The records of an export: one variant a kind, and its line of JSON, its row of a table and its cue. A further kind is a variant here; the
//! compiler then asks for its places.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::csv::Row;
use super::vtt::Cue;
use crate::domain::message::{Message, MessageId};
use crate::domain::moderation::entry::EntryView;
use crate::domain::moderation::kept::MessageState;
use crate::domain::session::details::DetailsView;
use crate::domain::wire::log_event::{LogEvent, LogEventKind};

/// The version of the records: a reader ignores records and fields that it does not know, and it grows if that is not enough.
pub const VERSION: u32 = 1;

/// A record.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record {
    /// The session and what of it was asked for: the first record.
    Session(Box<SessionRecord>),
    /// A message that its readers see.
    Message(Box<MessageRecord>),
    /// A message that is gone, at the place of its number.
    Deletion(Box<DeletionRecord>),
    /// An act of moderation, as the audit log has it.
    Action(Box<ActionRecord>),
    /// A numbered event that is no message, under its own type.
    #[serde(untagged)]
    Event(EventRecord),
}

/// See [`Record::Session`].
#[derive(Clone, Debug, Serialize)]
pub struct SessionRecord {
    /// 0: it comes before all numbers.
    pub seq: u64,
    /// The start of the session.
    pub at: String,
    /// [`VERSION`].
    pub version: u32,
    /// The session.
    pub session: DetailsView,
    /// The number after which the export begins.
    pub after: u64,
    /// Whether it has the texts of messages that are gone.
    pub include_deleted: bool,
    /// The user whom alone it is about.
    pub user_id: Option<String>,
}

/// See [`Record::Message`].
#[derive(Clone, Debug, Serialize)]
pub struct MessageRecord {
    /// The number.
    pub seq: u64,
    /// When it was stored.
    pub at: String,
    /// `standing`, or `shadowed`.
    pub state: MessageState,
    /// The message.
    pub message: Message,
}

/// See [`Record::Deletion`].
#[derive(Clone, Debug, Serialize)]
pub struct DeletionRecord {
    /// The number.
    pub seq: u64,
    /// When the message was stored.
    pub at: String,
    /// `deleted`, `hidden` or `purged`.
    pub state: MessageState,
    /// When it was deleted or hidden; null of a purge or a clear, which is a record itself.
    pub gone_at: Option<String>,
    /// The message's id.
    pub message_id: MessageId,
    /// Its author.
    pub user_id: String,
    /// The message, if its text was asked for and is still there.
    pub message: Option<Message>,
}

/// See [`Record::Event`].
#[derive(Clone, Debug, Serialize)]
pub struct EventRecord {
    /// When it was stored; null of events that are older than this field.
    pub at: Option<String>,
    /// The event, with its number.
    #[serde(flatten)]
    pub event: LogEvent,
}

/// See [`Record::Action`].
#[derive(Clone, Debug, Serialize)]
pub struct ActionRecord {
    /// The number after which it happened.
    pub seq: u64,
    /// The entry of the audit log.
    pub action: EntryView,
}

/// A record of a session's log, with its place.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// Its number.
    pub seq: u64,
    /// Its time, in milliseconds since 1970, if it is known.
    pub at_ms: Option<i64>,
    /// The user whose record it is.
    pub user_id: Option<String>,
    /// The record.
    pub record: Record,
}

/// Records of a session's log that one query found.
#[derive(Clone, Debug)]
pub struct LogPart {
    /// The records, in order.
    pub records: Vec<LogRecord>,
    /// The last number that was looked at, if there are more.
    pub read_to: Option<u64>,
}

/// The last line: what the lines before it hold.
#[derive(Clone, Debug, Serialize)]
pub struct EndRecord {
    /// `end`.
    pub r#type: &'static str,
    /// Records before this line.
    pub count: u64,
    /// The first number among them.
    pub first_seq: Option<u64>,
    /// The last one.
    pub last_seq: Option<u64>,
    /// Every number up to this one is final, and in the export: the next one begins after it.
    pub up_to_seq: u64,
    /// The state of the session.
    pub state: crate::domain::session::State,
    /// The SHA-256 of all bytes before this line.
    pub sha256: String,
}

impl Record {
    /// The line of JSON.
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).expect("a record has only text keys and finite numbers");
        line.push('\n');
        line
    }

    /// The row of a table; the session has none.
    pub fn row(&self) -> Option<Row> {
        let row = match self {
            Record::Session(_) => return None,
            Record::Message(record) => {
                let MessageRecord { at, state, message, .. } = record.as_ref();
                Row { r#type: "message", at: at.clone(), state: name_of(*state), ..of_message(message) }
            }
            Record::Deletion(record) => {
                let DeletionRecord { seq, at, state, gone_at, message_id, user_id, message } = record.as_ref();
                let none = Row { seq: *seq, id: message_id.to_string(), user_id: user_id.clone(), ..Row::default() };
                let row = message.as_ref().map_or(none, of_message);
                let gone_at = gone_at.clone().unwrap_or_default();
                Row { r#type: "deletion", at: at.clone(), state: name_of(*state), gone_at, ..row }
            }
            Record::Event(EventRecord { at, event }) => of_event(event, at.as_deref()),
            Record::Action(record) => of_action(record),
        };
        Some(row)
    }

    /// The cue: that of a message that viewers see.
    pub fn cue(&self) -> Option<Cue<'_>> {
        match self {
            Record::Message(record) if record.state == MessageState::Standing => {
                Some(Cue { seq: record.seq, name: &record.message.username, text: &record.message.message })
            }
            Record::Message(_) | Record::Session(_) | Record::Deletion(_) | Record::Event(_) | Record::Action(_) => {
                None
            }
        }
    }
}

fn name_of(state: MessageState) -> String {
    text_of(&json!(state))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What no column has, as JSON; nothing if there is nothing.
fn details_of(mut rest: Map<String, Value>) -> String {
    rest.retain(|_, value| !matches!(value, Value::Null | Value::Bool(false)));
    if rest.is_empty() { String::new() } else { Value::Object(rest).to_string() }
}

fn map_of(value: &impl Serialize) -> Map<String, Value> {
    match json!(value) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn of_message(message: &Message) -> Row {
    let mut rest = map_of(message);
    let mut take = |name: &str| rest.remove(name).map(|value| text_of(&value)).unwrap_or_default();
    let (_, _, _) = (take("session_id"), take("seq"), take("created_at"));
    Row {
        seq: message.seq,
        id: take("id"),
        user_id: take("user_id"),
        username: take("username"),
        message_type: take("message_type"),
        text: take("message"),
        likes: take("likes"),
        details: details_of(rest),
        ..Row::default()
    }
}

fn of_event(event: &LogEvent, at: Option<&str>) -> Row {
    let at = at.unwrap_or_default().to_owned();
    let row = Row { seq: event.seq, at, ..Row::default() };
    match &event.kind {
        LogEventKind::Custom { name, attributes } => {
            Row { r#type: "event", text: name.clone(), details: details_of(map_of(attributes)), ..row }
        }
        LogEventKind::UserPurged { user_id, up_to_seq } => {
            let details = json!({"up_to_seq": up_to_seq}).to_string();
            Row { r#type: "user_purged", user_id: user_id.clone(), details, ..row }
        }
        LogEventKind::ChatCleared { up_to_seq } => {
            Row { r#type: "chat_cleared", details: json!({"up_to_seq": up_to_seq}).to_string(), ..row }
        }
        LogEventKind::MessagesRestored { from_seq, up_to_seq } => {
            let details = json!({"from_seq": from_seq, "up_to_seq": up_to_seq}).to_string();
            Row { r#type: "messages_restored", details, ..row }
        }
    }
}

fn of_action(record: &ActionRecord) -> Row {
    let mut rest = map_of(&record.action);
    let actor = rest.remove("actor").unwrap_or_default();
    let mut take = |name: &str| rest.remove(name).map(|value| text_of(&value)).unwrap_or_default();
    let _ = take("session_id");
    Row {
        r#type: "action",
        seq: record.seq,
        at: take("at"),
        id: take("id"),
        user_id: text_of(&actor["user_id"]),
        username: text_of(&actor["username"]),
        text: take("action"),
        details: details_of(rest),
        ..Row::default()
    }
}
