//! Lists of sessions: the newest ones for clients, and those that `housekeep` and the list of terms look after.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::Deserialize;

use super::store::SessionRow;
use crate::domain::session::details::DetailedSession;
use crate::platform::dynamo::calls::{Consistency, text};
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// Sessions that are read at once.
const CONCURRENT_READS: usize = 16;

/// A session in the list of those that hosts created or changed.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ManagedSession {
    /// The session.
    pub id: u64,
    /// Its last moment, in milliseconds since 1970.
    #[serde(default)]
    pub end_ms: Option<i64>,
}

impl Store {
    /// A session with what was set for it, strongly consistent.
    pub async fn detailed_session(&self, id: u64, now: Timestamp) -> Result<Option<DetailedSession>, StoreError> {
        #[derive(Deserialize)]
        struct Viewers {
            count: i64,
        }
        let (session, viewers) = (keys::session(id), keys::viewers(id));
        let (row, viewers) = tokio::try_join!(
            self.get::<SessionRow>(&self.chat, &session, Consistency::Strong),
            self.get::<Viewers>(&self.chat, &viewers, Consistency::Eventual),
        )?;
        let row = row.filter(|row| !is_expired(row.opened.expires_at, now));
        Ok(row.map(|row| DetailedSession {
            tags: row.tags,
            modes: row.modes,
            viewer_count: viewers.map_or(0, |viewers| viewers.count.max(0) as u64),
            total_messages: row.seq.saturating_sub(row.voids),
            session: row.opened.into(),
        }))
    }

    /// Those of some sessions that there are, in their order: ids have no gaps but those of sessions that have expired.
    pub async fn detailed_sessions(
        &self,
        ids: impl Iterator<Item = u64>,
        now: Timestamp,
    ) -> Result<Vec<DetailedSession>, StoreError> {
        let reads = futures_util::stream::iter(ids).map(|id| self.detailed_session(id, now));
        let sessions: Vec<Option<DetailedSession>> = reads.buffered(CONCURRENT_READS).try_collect().await?;
        Ok(sessions.into_iter().flatten().collect())
    }

    /// All sessions that hosts created or changed and that may still need work, strongly consistent.
    pub async fn managed_sessions(&self) -> Result<Vec<ManagedSession>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :managed")
            .expression_attribute_values(":managed", text(keys::MANAGED_SESSIONS))
            .consistent_read(true);
        self.query_all(query).await
    }

    /// Takes a session that needs no work any more off the list.
    pub async fn unlist_session(&self, session_id: u64) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.chat);
        self.delete(delete.set_key(Some(keys::managed_session(session_id).attributes()))).await.map(drop)
    }

    /// The ids of all managed sessions that are open at a time, or will be.
    pub(super) async fn unended_managed(&self, now: Timestamp) -> Result<BTreeSet<u64>, StoreError> {
        let is_ahead = |session: &ManagedSession| session.end_ms.is_none_or(|end| end >= now.as_millisecond());
        Ok(self
            .managed_sessions()
            .await?
            .iter()
            .filter(|session| is_ahead(session))
            .map(|session| session.id)
            .collect())
    }
}
