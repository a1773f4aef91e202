//! Pages of messages. Deleted messages keep their rows, so a page is read in few queries that grow, and ends at a size.

use jiff::Timestamp;

use crate::domain::page::{Anchor, PageSize, Progress};
use crate::features::messages::store::{LogEntry, MessageRow, StoredMessage};
use crate::platform::dynamo::calls::{Item, number};
use crate::platform::dynamo::{Store, StoreError};

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages, in ascending order.
    pub messages: Vec<StoredMessage>,
    /// The last number that the page covers, if there may be more messages beyond it. Such a page is never empty.
    pub read_to: Option<u64>,
}

impl MessagePage {
    /// Whether there may be more messages on the side that the page leads to.
    pub fn has_more(&self) -> bool {
        self.read_to.is_some()
    }
}

/// The messages of one query.
struct Part {
    messages: Vec<StoredMessage>,
    examined: usize,
    /// The last number that was read, if there are more.
    read_to: Option<u64>,
}

impl Store {
    /// A page of a session's messages on one side of an anchor.
    pub async fn message_page(
        &self,
        session_id: u64,
        anchor: Anchor,
        size: PageSize,
        now: Timestamp,
    ) -> Result<MessagePage, StoreError> {
        let (mut messages, mut bytes) = (Vec::<StoredMessage>::new(), 0);
        let (mut next, mut progress) = (anchor, Progress::default());
        let read_to = 'page: loop {
            let rows = progress.rows_to_read(size.messages + 1 - messages.len());
            let part = self.messages_at(session_id, next, rows, now).await?;
            for message in part.messages {
                bytes += message.json_bytes();
                let is_full = messages.len() == size.messages || bytes > size.bytes;
                if let Some(last) = messages.last().filter(|_| is_full) {
                    break 'page Some(last.seq);
                }
                messages.push(message);
            }
            progress.queries += 1;
            progress.examined += part.examined;
            progress.found = messages.len();
            let Some(read_to) = part.read_to else { break None };
            if progress.is_exhausted() {
                break Some(read_to);
            }
            next = if matches!(anchor, Anchor::After(_)) { Anchor::After(read_to) } else { Anchor::Before(read_to) };
        };
        if !matches!(anchor, Anchor::After(_)) {
            messages.reverse();
        }
        Ok(MessagePage { messages, read_to })
    }

    /// The messages among at most so many rows. What is no message does not leave the table.
    async fn messages_at(
        &self,
        session_id: u64,
        anchor: Anchor,
        rows: Option<usize>,
        now: Timestamp,
    ) -> Result<Part, StoreError> {
        let query = self
            .log_query(session_id, anchor)
            .set_limit(rows.map(|rows| i32::try_from(rows).unwrap_or(i32::MAX)))
            // Voids and deleted messages have no text.
            .filter_expression("attribute_exists(#text) AND (attribute_not_exists(expires_at) OR expires_at > :now)")
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":now", number(now.as_second()));
        let page = self.query_filtered::<MessageRow>(query).await?;
        let entries = page.rows.into_iter().map(|row| row.read(now)).collect::<Result<Vec<LogEntry>, _>>()?;
        let read_to = page.last_key.as_ref().map(seq_of).transpose()?;
        let messages = entries.into_iter().filter_map(LogEntry::into_message).collect();
        Ok(Part { messages, examined: page.examined, read_to })
    }
}

fn seq_of(key: &Item) -> Result<u64, StoreError> {
    let seq = key.get("sk").and_then(|sk| sk.as_s().ok()).and_then(|sk| sk.parse().ok());
    seq.ok_or_else(|| StoreError::new("reading a page", "its last sort key is not a number"))
}
