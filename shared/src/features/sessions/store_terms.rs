//! The version of the list of terms that a session's messages are judged by.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

use super::store_rules::Copied;
use crate::platform::dynamo::calls::{Consistency, number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

impl Store {
    /// The ids of all sessions that are open at a time, or will be. Strongly consistent: a session that was opened before is among them.
    pub async fn unended_sessions(&self, now: Timestamp) -> Result<BTreeSet<u64>, StoreError> {
        #[derive(Deserialize)]
        struct OpenSession {
            id: u64,
        }
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :windows")
            .filter_expression("attribute_not_exists(end_ms) OR end_ms >= :now")
            .expression_attribute_values(":windows", text(keys::WINDOWS))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .consistent_read(true);
        let of_windows = self.query_all::<OpenSession>(query).await?.into_iter().map(|session| session.id);
        let managed = self.unended_managed(now).await?;
        Ok(of_windows.chain(managed).collect())
    }

    /// Lets a session's messages be judged by a version of the list from now on, unless it has that one or a newer one.
    pub async fn use_terms(&self, session_id: u64, version: u64) -> Result<(), StoreError> {
        self.copy_rules(session_id, Copied::Terms(version)).await
    }

    /// The version that a session names; 0 without one, `None` without the session.
    pub async fn terms_of_session(&self, session_id: u64) -> Result<Option<u64>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default)]
            terms_version: u64,
        }
        let row: Option<Row> = self.get(&self.chat, &keys::session(session_id), Consistency::Strong).await?;
        Ok(row.map(|row| row.terms_version))
    }
}
