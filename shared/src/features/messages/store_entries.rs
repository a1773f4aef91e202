//! The entries of a session's log for the broadcast, without what is covered. What the replies among them show is read for those that are
//! sent alone: [`Store::with_quotes`].

use jiff::Timestamp;

use crate::domain::page::Anchor;
use crate::features::messages::store::{LogEntry, MessageRow};
use crate::platform::dynamo::{Store, StoreError};

impl Store {
    /// The entries after a number, in order, strongly consistent: at most `at_most`, and at most a page of the query. A message that was
    /// covered before the call is not among them.
    pub async fn entries_after(
        &self,
        session_id: u64,
        after: u64,
        at_most: i32,
        now: Timestamp,
    ) -> Result<Vec<LogEntry>, StoreError> {
        let (entries, more) = self.all_entries_after(session_id, after, at_most, now).await?;
        // An act covers what comes before its own number, and its row is stored before it is acknowledged. So a query that comes to
        // the end of the log has seen every act that covers one of these entries, and only then the row of all acts is read. An act
        // on an ended session has no row here: see `uncovered_entries_after`.
        let acts = entries.iter().any(LogEntry::concerns_messages);
        if !acts && !more {
            return Ok(entries);
        }
        self.uncovered(session_id, entries).await
    }

    /// [`Store::entries_after`] of a session that may have ended. Acts on it are not in the log, so their row is read at every call.
    pub async fn uncovered_entries_after(
        &self,
        session_id: u64,
        after: u64,
        at_most: i32,
        now: Timestamp,
    ) -> Result<Vec<LogEntry>, StoreError> {
        let (entries, _more) = self.all_entries_after(session_id, after, at_most, now).await?;
        self.uncovered(session_id, entries).await
    }

    /// Entries of one session with what the replies among them show by now.
    pub async fn with_quotes(&self, mut entries: Vec<LogEntry>, now: Timestamp) -> Result<Vec<LogEntry>, StoreError> {
        self.quote_in(&mut entries, None, now).await?;
        Ok(entries)
    }

    /// Entries without what is covered by now.
    async fn uncovered(&self, session_id: u64, entries: Vec<LogEntry>) -> Result<Vec<LogEntry>, StoreError> {
        let covers = self.covers(session_id).await?;
        Ok(entries.into_iter().map(|entry| entry.uncovered(&covers)).collect())
    }

    /// One query of entries, covered or not, and whether there are more.
    async fn all_entries_after(
        &self,
        session_id: u64,
        after: u64,
        at_most: i32,
        now: Timestamp,
    ) -> Result<(Vec<LogEntry>, bool), StoreError> {
        let query = self.log_query(session_id, Anchor::After(after), 0).limit(at_most);
        let (rows, more) = self.query_page::<MessageRow>(query).await?;
        Ok((rows.into_iter().map(|row| row.read(now)).collect::<Result<_, _>>()?, more))
    }
}
