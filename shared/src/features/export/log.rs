//! A session's log while a page reads it: records that were read and are not written yet.

use std::collections::VecDeque;

use crate::domain::error::ChatError;
use crate::domain::export::record::LogRecord;
use crate::domain::export::wanted::Wanted;
use crate::features::chat::Chat;

/// See the module.
pub(super) struct Log<'a> {
    wanted: Wanted<'a>,
    /// The last number that was written, or that needs no record.
    done: u64,
    ahead: VecDeque<LogRecord>,
    /// How far the log was read, if it goes on.
    read_to: Option<u64>,
    /// The time of the last record, in milliseconds since 1970: events from before exports have none of their own.
    last_ms: i64,
    /// The number of the last record.
    last_seq: u64,
}

impl Log<'_> {
    pub(super) fn after(seq: u64, start_ms: i64, wanted: Wanted<'_>) -> Log<'_> {
        Log { wanted, done: seq, ahead: VecDeque::new(), read_to: Some(seq), last_ms: start_ms, last_seq: seq }
    }

    /// The last number that was written, or that needs no record.
    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// The number of the last record that was written; before the first one, that after which the page begins.
    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Whether the next record, if there is one, is still to be read.
    pub(super) fn must_read(&self) -> bool {
        self.ahead.is_empty() && self.read_to.is_some()
    }

    pub(super) async fn read(&mut self, chat: &Chat) -> Result<(), ChatError> {
        let Some(after) = self.read_to else { return Ok(()) };
        let part = chat.exported_after(after, self.wanted).await?;
        self.ahead.extend(part.records);
        self.read_to = part.read_to;
        self.settle();
        Ok(())
    }

    /// The next record, with its time in milliseconds since 1970.
    pub(super) fn next(&self) -> Option<(&LogRecord, i64)> {
        self.ahead.front().map(|record| (record, record.at_ms.unwrap_or(self.last_ms)))
    }

    /// The next record is written.
    pub(super) fn written(&mut self) {
        if let Some(record) = self.ahead.pop_front() {
            (self.done, self.last_seq) = (record.seq, record.seq);
            self.last_ms = record.at_ms.unwrap_or(self.last_ms);
        }
        self.settle();
    }

    /// Once everything that was read is written, the numbers behind it are done as well.
    fn settle(&mut self) {
        if self.ahead.is_empty() {
            self.done = self.done.max(self.read_to.unwrap_or(self.wanted.up_to));
        }
    }
}
