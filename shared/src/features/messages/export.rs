//! The log of a session as an export has it: each number with what became of it (docs/contract.md, Export).

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::error::ChatError;
use crate::domain::export::record::{DeletionRecord, EventRecord, LogPart, LogRecord, MessageRecord, Record};
use crate::domain::export::wanted::Wanted;
use crate::domain::message::MessageId;
use crate::domain::moderation::kept::{Fate, MessageState};
use crate::domain::page::Anchor;
use crate::domain::time;
use crate::domain::wire::log_event::{LogEvent, LogEventKind};
use crate::features::chat::Chat;
use crate::features::messages::store::LogEntry;
use crate::features::messages::store_kept::KeptMessage;
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::Item;
use crate::platform::dynamo::{Store, StoreError, is_expired};

/// Rows of one query, which reads 1 MB at most.
const ROWS_PER_QUERY: i32 = 1_000;

/// A row of the log, as staff see it.
enum LogRow {
    Message { seq: u64, kept: Box<KeptMessage> },
    Event { event: LogEvent, created_ms: Option<i64> },
}

/// Rows of one query.
struct Rows {
    rows: Vec<LogRow>,
    /// The last number that was read, if there are more.
    read_to: Option<u64>,
}

impl Chat {
    /// The records after a number that one query finds. An export shows staff what is shadowed, and never what is held: that has no number.
    pub(crate) async fn exported_after(&self, after: u64, wanted: Wanted<'_>) -> Result<LogPart, ChatError> {
        if after >= wanted.up_to {
            return Ok(LogPart { records: Vec::new(), read_to: None });
        }
        let now = self.clock.now();
        let Rows { mut rows, read_to } = self.store.log_rows_after(wanted.session_id, after, now).await?;
        rows.retain(|row| {
            row.seq() <= wanted.up_to && wanted.user_id.is_none_or(|user_id| row.user_id() == Some(user_id))
        });
        let mut quoted = self.quoted_rows(&rows, wanted, now).await?.into_iter();
        let mut gone = self.gone_rows(&rows, wanted, now).await?.into_iter();
        let records = rows.into_iter().map(|row| match row {
            LogRow::Event { event, created_ms } => self.record_of_event(event, created_ms),
            LogRow::Message { seq, kept } => {
                let fate = kept.fate;
                let state = wanted.state_of(seq, &fate);
                let message = if is_shown(state) { quoted.next() } else { None };
                let text = if is_shown(state) { None } else { gone.next() };
                self.record_of_message(wanted.session_id, seq, fate, state, message.or(text).flatten())
            }
        });
        Ok(LogPart { records: records.collect(), read_to: read_to.filter(|read_to| *read_to < wanted.up_to) })
    }

    /// The time of the newest record up to a number, if it is known.
    pub(crate) async fn time_of_log_at(&self, session_id: u64, seq: u64) -> Result<Option<Timestamp>, ChatError> {
        let query = self.store.log_query(session_id, Anchor::Before(seq + 1), 0).limit(ROWS_PER_QUERY);
        let page = self.store.query_filtered::<Map<String, Value>>(query).await?;
        Ok(page.rows.iter().find_map(created_ms_of).map(time::from_millis))
    }

    /// The messages that are shown, in order, with what they show of their parents.
    async fn quoted_rows(
        &self,
        rows: &[LogRow],
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<Vec<Option<Box<StoredMessage>>>, StoreError> {
        let entries = rows.iter().filter_map(|row| match row {
            LogRow::Event { .. } => None,
            LogRow::Message { seq, kept } => Some(match (&kept.message, wanted.state_of(*seq, &kept.fate)) {
                (Some(message), MessageState::Standing) => LogEntry::Message(Box::new(message.clone())),
                (Some(message), MessageState::Shadowed) => LogEntry::Shadowed(Box::new(message.clone())),
                _ => LogEntry::Nothing { seq: *seq },
            }),
        });
        let mut entries: Vec<LogEntry> = entries.collect();
        self.store.quote_in(&mut entries, Some(wanted.covers), now).await?;
        let shown = entries.into_iter().filter_map(|entry| match entry {
            LogEntry::Message(message) | LogEntry::Shadowed(message) => Some(Some(message)),
            LogEntry::Event(_) | LogEntry::Nothing { .. } => None,
        });
        Ok(shown.collect())
    }

    /// The messages that are gone, in order: with their texts if these are asked for, and still there.
    async fn gone_rows(
        &self,
        rows: &[LogRow],
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<Vec<Option<Box<StoredMessage>>>, StoreError> {
        let gone = rows.iter().filter_map(|row| match row {
            LogRow::Message { seq, kept } if !is_shown(wanted.state_of(*seq, &kept.fate)) => Some(&kept.message),
            LogRow::Message { .. } | LogRow::Event { .. } => None,
        });
        let gone: Vec<&Option<StoredMessage>> = gone.collect();
        if !wanted.include_deleted {
            return Ok(vec![None; gone.len()]);
        }
        let texts = gone.iter().filter_map(|message| message.as_ref()).cloned().collect();
        let mut quoted = self.store.quoting(texts, now).await?.into_iter();
        Ok(gone.into_iter().map(|message| message.as_ref().and_then(|_| quoted.next().map(Box::new))).collect())
    }

    fn record_of_event(&self, event: LogEvent, created_ms: Option<i64>) -> LogRecord {
        let at = created_ms.map(|ms| self.wire_time(ms));
        let user_id = match &event.kind {
            LogEventKind::UserPurged { user_id, .. } => Some(user_id.clone()),
            _ => None,
        };
        LogRecord { seq: event.seq, at_ms: created_ms, user_id, record: Record::Event(EventRecord { at, event }) }
    }

    fn record_of_message(
        &self,
        session_id: u64,
        seq: u64,
        fate: Fate,
        state: MessageState,
        message: Option<Box<StoredMessage>>,
    ) -> LogRecord {
        let message = message.map(|message| message.to_wire_for_staff(&self.config.sessions.zone));
        let (at, at_ms, user_id) = (self.wire_time(fate.created_ms), Some(fate.created_ms), Some(fate.user_id.clone()));
        let record = match message {
            Some(message) if is_shown(state) => Record::Message(Box::new(MessageRecord { seq, at, state, message })),
            message => {
                let went = fate.changed_ms.filter(|_| matches!(state, MessageState::Deleted | MessageState::Hidden));
                Record::Deletion(Box::new(DeletionRecord {
                    seq,
                    at,
                    state,
                    gone_at: went.map(|ms| self.wire_time(ms)),
                    message_id: MessageId::new(session_id, seq),
                    user_id: fate.user_id,
                    message,
                }))
            }
        };
        LogRecord { seq, at_ms, user_id, record }
    }

    fn wire_time(&self, ms: i64) -> String {
        time::to_the_millisecond(time::from_millis(ms), &self.config.sessions.zone)
    }
}

/// Whether somebody in the room sees it.
fn is_shown(state: MessageState) -> bool {
    matches!(state, MessageState::Standing | MessageState::Shadowed)
}

impl LogRow {
    fn seq(&self) -> u64 {
        match self {
            LogRow::Message { seq, .. } => *seq,
            LogRow::Event { event, .. } => event.seq,
        }
    }

    fn user_id(&self) -> Option<&str> {
        match self {
            LogRow::Message { kept, .. } => Some(&kept.fate.user_id),
            LogRow::Event { event: LogEvent { kind: LogEventKind::UserPurged { user_id, .. }, .. }, .. } => {
                Some(user_id)
            }
            LogRow::Event { .. } => None,
        }
    }

    /// `None` for a void, and for what has expired.
    fn of(mut row: Map<String, Value>, now: Timestamp) -> Result<Option<LogRow>, StoreError> {
        let failed = |error: &dyn std::fmt::Display| StoreError::new("reading a row to export", error);
        if is_expired(row.get("expires_at").and_then(Value::as_i64), now) {
            return Ok(None);
        }
        let seq = row.get("sk").and_then(Value::as_str).and_then(|sk| sk.parse().ok());
        let seq = seq.ok_or_else(|| failed(&"its sort key is not a number"))?;
        if let Some(event) = row.remove("event") {
            // One of a later version is unknown here, and counts as a number without a message.
            let kind = serde_json::from_value::<LogEventKind>(event).ok();
            let created_ms = created_ms_of(&row);
            return Ok(kind.map(|kind| LogRow::Event { event: LogEvent { seq, kind }, created_ms }));
        }
        let kept = KeptMessage::of(row).map_err(|error| failed(&error))?;
        Ok(kept.map(|kept| LogRow::Message { seq, kept: Box::new(kept) }))
    }
}

fn created_ms_of(row: &Map<String, Value>) -> Option<i64> {
    row.get("created_ms").and_then(Value::as_i64).filter(|ms| *ms > 0)
}

impl Store {
    /// The rows after a number that one query reads, strongly consistent: what was acknowledged before is seen.
    async fn log_rows_after(&self, session_id: u64, after: u64, now: Timestamp) -> Result<Rows, StoreError> {
        let query = self.log_query(session_id, Anchor::After(after), 0).limit(ROWS_PER_QUERY);
        let page = self.query_filtered::<Map<String, Value>>(query).await?;
        let read_to = page.last_key.as_ref().map(seq_of).transpose()?;
        let rows = page.rows.into_iter().map(|row| LogRow::of(row, now)).collect::<Result<Vec<_>, _>>()?;
        Ok(Rows { rows: rows.into_iter().flatten().collect(), read_to })
    }
}

fn seq_of(key: &Item) -> Result<u64, StoreError> {
    let seq = key.get("sk").and_then(|sk| sk.as_s().ok()).and_then(|sk| sk.parse().ok());
    seq.ok_or_else(|| StoreError::new("reading a log to export", "its last sort key is not a number"))
}
