//! The three DynamoDB tables: *chat*, whose stream wakes the broadcast, *connections*, and *audit*, whose rows are put once.
//!
//! Each feature adds the calls for its rows to [`Store`], in its `store.rs`. All key formats are in [`keys`]. Every condition is part
//! of the write that depends on it, every query reads to its last page unless it has a limit, and nothing is scanned.
//!
//! Every method of [`Store`] fails with [`StoreError`] if a table still fails after the client's retries, or if a row cannot be read.
//! Methods document no other errors, because there are none: a refused condition is a value.

pub(crate) mod calls;
pub mod changed_row;
pub mod keys;
pub(crate) mod part;
pub mod told_row;

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::domain::config::Config;
use crate::domain::error::ChatError;
use crate::domain::moderation::presets::Presets;
use crate::domain::session::Session;
use crate::domain::session::limits::OwnLimits;

pub use calls::StoreError;

/// A message has at most 5,000 characters of four bytes each, and its author's claims.
const PROBE_BYTES: usize = 24 * 1024;
/// The probe's row outlives the checks by so much.
const PROBE_LIFETIME_SECONDS: i64 = 3600;

/// The tables behind one client.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) chat: String,
    pub(crate) connections: String,
    pub(crate) audit: String,
    retention: Option<SignedDuration>,
    pub(crate) audit_retention: SignedDuration,
    /// Those of rooms that saved none.
    pub(crate) presets: Presets,
}

impl Store {
    /// The tables named by the settings.
    pub fn new(client: Client, config: &Config) -> Store {
        Store {
            client,
            chat: config.tables.chat.clone(),
            connections: config.tables.connections.clone(),
            audit: config.tables.audit.clone(),
            retention: config.sessions.retention,
            audit_retention: config.moderation.audit_retention,
            presets: config.moderation.presets,
        }
    }

    /// Checks that both tables answer. The rows that it asks for need not exist.
    pub async fn reach(&self) -> Result<(), StoreError> {
        let (chat, connections) = (keys::last_session(), keys::cursor(0));
        let read = |table, key| self.get::<serde_json::Value>(table, key, calls::Consistency::Eventual);
        tokio::try_join!(read(&self.chat, &chat), read(&self.connections, &connections)).map(drop)
    }

    /// Checks that the database can write, by a row as large as the largest message. It is in the table that has no stream, so nobody
    /// wakes up. Each check writes the same row again.
    pub async fn probe_write(&self, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct ProbeRow {
            filling: String,
            expires_at: i64,
        }
        let row = ProbeRow { filling: "x".repeat(PROBE_BYTES), expires_at: now.as_second() + PROBE_LIFETIME_SECONDS };
        let put = self.client.put_item().table_name(&self.connections);
        self.put(put.set_item(Some(calls::item_of(&keys::probe(), row)))).await.map(drop)
    }

    /// `expires_at` of a row of a session's history, in seconds since 1970: the retention after the session's end, or after now if
    /// the session never ends. `None` keeps the row for ever.
    pub(crate) fn history_expires_at(&self, session: &Session, now: Timestamp) -> Option<i64> {
        self.expires_after(session.end.unwrap_or(now), session.limits)
    }

    /// The end of the retention, in seconds since 1970, of what is over at a time, in a session with these limits.
    pub(crate) fn expires_after(&self, end: Timestamp, limits: OwnLimits) -> Option<i64> {
        Some(end.as_second() + limits.retention(self.retention)?.as_secs())
    }
}

impl From<StoreError> for ChatError {
    fn from(error: StoreError) -> ChatError {
        ChatError::unavailable(error)
    }
}

/// Whether a row with this `expires_at` counts as deleted. DynamoDB may take days to delete it.
pub(crate) fn is_expired(expires_at: Option<i64>, now: Timestamp) -> bool {
    expires_at.is_some_and(|at| at <= now.as_second())
}
