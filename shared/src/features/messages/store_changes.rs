//! Which messages changed lately, for those who cannot know it from a bell.

use serde::Deserialize;

use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::{number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Changes of so many of a session's newest messages can be found again: twice what a client shows.
pub const NEWEST: i32 = 200;

/// A message whose likes changed, or that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedMessage {
    /// Which one.
    pub id: MessageId,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// When it changed last, in milliseconds since 1970.
    pub changed_ms: i64,
}

impl Store {
    /// Which of a session's newest messages changed after a time (in milliseconds since 1970), strongly consistent. It reads one
    /// page of [`NEWEST`] rows and no more.
    pub async fn changed_after(&self, session_id: u64, after_ms: i64) -> Result<Vec<ChangedMessage>, StoreError> {
        #[derive(Deserialize)]
        struct ChangedRow {
            sk: String,
            #[serde(default)]
            deleted: bool,
            changed_ms: i64,
        }
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :pk")
            .filter_expression("changed_ms > :after")
            .projection_expression("sk, deleted, changed_ms")
            .expression_attribute_values(":pk", text(keys::messages(session_id)))
            .expression_attribute_values(":after", number(after_ms))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(NEWEST);
        let (rows, _older) = self.query_page::<ChangedRow>(query).await?;
        let changed = rows.into_iter().filter_map(|row| {
            let id = MessageId::checked(session_id, row.sk.parse().ok()?)?;
            Some(ChangedMessage { id, is_deleted: row.deleted, changed_ms: row.changed_ms })
        });
        Ok(changed.collect())
    }
}
