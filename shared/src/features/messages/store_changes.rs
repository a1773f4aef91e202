//! Messages that changed lately, for the broadcast after a lost wake-up.

use serde::Deserialize;

use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::{number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// The changes of this many newest messages can be found again: twice as many as a client shows.
pub const NEWEST: i32 = 200;

/// A message whose likes changed, or that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedMessage {
    /// The message.
    pub id: MessageId,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// The time of its last change, in milliseconds since 1970.
    pub changed_ms: i64,
}

impl Store {
    /// The newest messages of a session that changed after a time (in milliseconds since 1970), strongly consistent. Reads one page
    /// of [`NEWEST`] rows and no more.
    pub async fn changed_after(&self, session_id: u64, after_ms: i64) -> Result<Vec<ChangedMessage>, StoreError> {
        #[derive(Deserialize)]
        struct ChangedMessageRow {
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
        let (rows, _older) = self.query_page::<ChangedMessageRow>(query).await?;
        let changed = rows.into_iter().filter_map(|row| {
            let id = MessageId::checked(session_id, row.sk.parse().ok()?)?;
            Some(ChangedMessage { id, is_deleted: row.deleted, changed_ms: row.changed_ms })
        });
        Ok(changed.collect())
    }
}
