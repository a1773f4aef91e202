//! Pages of messages. Deleted and covered messages keep their rows, so a page is read in few queries that grow, and ends at a size.

use jiff::Timestamp;

use crate::domain::caller::Caller;
use crate::domain::cover::Covers;
use crate::domain::page::{Anchor, PageSize, Progress};
use crate::domain::wire::log_event::LogEvent;
use crate::features::messages::store::{LogEntry, MessageRow};
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{Item, number};
use crate::platform::dynamo::{Store, StoreError};

const HAS_TEXT: &str = "(attribute_exists(#text) OR attribute_exists(shadow_text))";

/// What a reader may see.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The acts that cover messages.
    pub covers: &'a Covers,
    /// The reader.
    pub reader: &'a Caller,
}

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages, in ascending order.
    pub messages: Vec<StoredMessage>,
    /// The numbered events among them, in ascending order. Only a page of what comes after a number has events.
    pub events: Vec<LogEvent>,
    /// The last number that the page covers, if there may be more messages beyond it. Such a page is never empty.
    pub read_to: Option<u64>,
}

impl MessagePage {
    /// Whether there may be more messages on the side that the page leads to.
    pub fn has_more(&self) -> bool {
        self.read_to.is_some()
    }
}

/// The messages and events of one query.
struct Part {
    entries: Vec<LogEntry>,
    examined: usize,
    /// The last number that was read, if there are more.
    read_to: Option<u64>,
}

/// The size of a page's entries as JSON. To know it exactly, each entry must be written once more: only a page that may be too large is
/// worth that.
#[derive(Default)]
struct Bytes {
    at_most: usize,
    exactly: Option<usize>,
}

impl Bytes {
    /// Whether one entry more than those that were found takes more bytes than these.
    fn exceed(&mut self, most: usize, found: &[LogEntry], entry: &LogEntry) -> bool {
        self.at_most += entry.json_bytes_at_most().unwrap_or_else(|| entry.json_bytes());
        if self.exactly.is_none() && self.at_most <= most {
            return false;
        }
        let before = self.exactly.unwrap_or_else(|| found.iter().map(LogEntry::json_bytes).sum());
        *self.exactly.insert(before + entry.json_bytes()) > most
    }
}

impl Store {
    /// A page of a session's messages on one side of an anchor, without those that are covered. An event counts as a message.
    pub async fn message_page(
        &self,
        session_id: u64,
        anchor: Anchor,
        size: PageSize,
        seen: Seen<'_>,
        now: Timestamp,
    ) -> Result<MessagePage, StoreError> {
        let covers = seen.covers;
        let (mut found, mut messages, mut bytes) = (Vec::<LogEntry>::new(), 0, Bytes::default());
        let (mut next, mut progress) = (anchor, Progress::default());
        // Everything up to the floor is covered, so nothing is read there.
        if matches!(anchor, Anchor::Before(seq) if seq <= covers.floor() + 1) {
            return Ok(MessagePage { messages: Vec::new(), events: Vec::new(), read_to: None });
        }
        let read_to = 'page: loop {
            let rows = progress.rows_to_read((size.messages + 1).saturating_sub(found.len()).max(1));
            let part = self.shown_at(session_id, next, rows, seen, now).await?;
            for entry in part.entries {
                let is_too_large = bytes.exceed(size.bytes, &found, &entry);
                // A page that others follow has a message, so that a client that knows nothing of events comes further.
                let is_full = (found.len() >= size.messages && messages > 0) || is_too_large;
                if let Some(last) = found.last().filter(|_| is_full) {
                    break 'page Some(last.seq());
                }
                messages += usize::from(entry.as_message().is_some());
                found.push(entry);
            }
            progress.queries += 1;
            progress.examined += part.examined;
            progress.found = messages;
            let Some(read_to) = part.read_to else { break None };
            if progress.is_exhausted() {
                break Some(read_to);
            }
            if matches!(next, Anchor::Newest | Anchor::Before(_)) && read_to <= covers.floor() + 1 {
                break None;
            }
            next = if matches!(anchor, Anchor::After(_)) { Anchor::After(read_to) } else { Anchor::Before(read_to) };
        };
        // Only now: a part may hold many times as many replies as the page takes.
        self.quote_in(&mut found, Some(covers), now).await?;
        if !matches!(anchor, Anchor::After(_)) {
            found.reverse();
        }
        let (mut messages, mut events) = (Vec::new(), Vec::new());
        for entry in found {
            match entry {
                LogEntry::Message(message) => messages.push(*message),
                LogEntry::Event(event) => events.push(event),
                LogEntry::Shadowed(_) | LogEntry::Nothing { .. } => {}
            }
        }
        Ok(MessagePage { messages, events, read_to })
    }

    /// What a page shows of at most so many rows. Voids and deleted messages do not leave the table.
    async fn shown_at(
        &self,
        session_id: u64,
        anchor: Anchor,
        rows: Option<usize>,
        Seen { covers, reader }: Seen<'_>,
        now: Timestamp,
    ) -> Result<Part, StoreError> {
        // Voids and deleted messages have no text, a shadowed one has its own.
        let query = self
            .log_query(session_id, anchor, covers.floor())
            .set_limit(rows.map(|rows| i32::try_from(rows).unwrap_or(i32::MAX)))
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":now", number(now.as_second()));
        let is_alive = "(attribute_not_exists(expires_at) OR expires_at > :now)";
        let query = match anchor {
            Anchor::After(_) => query
                .filter_expression(format!("({HAS_TEXT} OR attribute_exists(#event)) AND {is_alive}"))
                .expression_attribute_names("#event", "event"),
            _ => query.filter_expression(format!("{HAS_TEXT} AND {is_alive}")),
        };
        let page = self.query_filtered::<MessageRow>(query).await?;
        let entries = page.rows.into_iter().map(|row| row.read(now)).collect::<Result<Vec<LogEntry>, _>>()?;
        let read_to = page.last_key.as_ref().map(seq_of).transpose()?;
        let entries = entries.into_iter().map(|entry| entry.uncovered(covers).seen_by(reader));
        let entries = entries.filter(|entry| !matches!(entry, LogEntry::Nothing { .. })).collect();
        Ok(Part { entries, examined: page.examined, read_to })
    }
}

fn seq_of(key: &Item) -> Result<u64, StoreError> {
    let seq = key.get("sk").and_then(|sk| sk.as_s().ok()).and_then(|sk| sk.parse().ok());
    seq.ok_or_else(|| StoreError::new("reading a page", "its last sort key is not a number"))
}
