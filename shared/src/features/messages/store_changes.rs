//! Messages that changed lately, for the broadcast after a lost wake-up.
//!
//! Young messages are found among the newest, by the time of their last change. A change of an old one, which is rare, is noted in a row
//! of its own (docs/decisions/010-lost-changes.md).

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::message::MessageId;
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{Consistency, FilteredPage, item_of, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Messages that are read at once; at least so many newest ones are looked at.
const PAGE: i32 = 200;
/// A message of this age is old: its changes are noted.
const OLD_MS: i64 = 5 * 60_000;
/// Clocks of functions differ by less than this.
const MAX_CLOCK_SKEW_MS: i64 = 10_000;
/// The lifetime of a note.
const LIFETIME_SECONDS: i64 = 24 * 3600;
/// Rows that are read at once.
const CONCURRENT_READS: usize = 16;

/// A message whose likes changed, or that was deleted, was hidden or is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedMessage {
    /// The message.
    pub id: MessageId,
    /// Whether it was deleted, or is hidden.
    pub is_deleted: bool,
    /// Whether it is hidden, or was and is back.
    pub was_hidden: bool,
    /// The time of its last change, in milliseconds since 1970.
    pub changed_ms: i64,
}

/// The attributes of a message, a deleted message or a void that matter here.
#[derive(Deserialize)]
struct MessageRow {
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    is_hidden: Option<bool>,
    #[serde(default)]
    created_ms: i64,
    #[serde(default)]
    changed_ms: i64,
}

impl MessageRow {
    fn changed_after(&self, id: MessageId, after_ms: i64) -> Option<ChangedMessage> {
        let (is_deleted, was_hidden) = (self.deleted, self.is_hidden.is_some());
        let change = ChangedMessage { id, is_deleted, was_hidden, changed_ms: self.changed_ms };
        (self.changed_ms > after_ms).then_some(change)
    }
}

impl Store {
    /// The messages of a session that changed after a time (in milliseconds since 1970), strongly consistent. Reads the newest messages
    /// as far back as a young message may lie, and the notes of old ones.
    pub async fn changed_after(&self, session_id: u64, after_ms: i64) -> Result<Vec<ChangedMessage>, StoreError> {
        let (mut changed, old) = tokio::try_join!(
            self.young_changed_after(session_id, after_ms),
            self.old_changed_after(session_id, after_ms)
        )?;
        let known: Vec<MessageId> = changed.iter().map(|change| change.id).collect();
        changed.extend(old.into_iter().filter(|change| !known.contains(&change.id)));
        Ok(changed)
    }

    /// Notes that a message changes or has changed, if it is old.
    pub async fn note_old_change(&self, message: &StoredMessage, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct Note {
            expires_at: i64,
        }
        let now_ms = now.as_millisecond();
        if now_ms - message.created().as_millisecond() < OLD_MS {
            return Ok(());
        }
        let key = keys::old_change(message.id(), now_ms.div_euclid(60_000));
        let item = item_of(&key, &Note { expires_at: now.as_second() + LIFETIME_SECONDS });
        self.put(self.client.put_item().table_name(&self.chat).set_item(Some(item))).await.map(drop)
    }

    async fn young_changed_after(&self, session_id: u64, after_ms: i64) -> Result<Vec<ChangedMessage>, StoreError> {
        #[derive(Deserialize)]
        struct NumberedRow {
            sk: String,
            #[serde(flatten)]
            message: MessageRow,
        }
        // A message that was young when it changed is not older than this.
        let created_since = after_ms.saturating_sub(OLD_MS + MAX_CLOCK_SKEW_MS);
        let (mut changed, mut before) = (Vec::new(), None);
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :pk")
                .projection_expression("sk, deleted, is_hidden, created_ms, changed_ms")
                .expression_attribute_values(":pk", text(keys::messages(session_id)))
                .scan_index_forward(false)
                .consistent_read(true)
                .limit(PAGE)
                .set_exclusive_start_key(before.take());
            let FilteredPage { rows, last_key, .. } = self.query_filtered::<NumberedRow>(query).await?;
            changed.extend(rows.iter().filter_map(|row| {
                row.message.changed_after(MessageId::checked(session_id, row.sk.parse().ok()?)?, after_ms)
            }));
            // A void has no time.
            let oldest = rows.iter().map(|row| row.message.created_ms).filter(|created| *created > 0).min();
            if last_key.is_none() || oldest.is_some_and(|oldest| oldest < created_since) {
                return Ok(changed);
            }
            before = last_key;
        }
    }

    async fn old_changed_after(&self, session_id: u64, after_ms: i64) -> Result<Vec<ChangedMessage>, StoreError> {
        #[derive(Deserialize)]
        struct NoteRow {
            sk: String,
        }
        let minute = after_ms.saturating_sub(MAX_CLOCK_SKEW_MS).max(0).div_euclid(60_000);
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :pk AND sk >= :from")
            .projection_expression("sk")
            .expression_attribute_values(":pk", text(keys::old_changes(session_id)))
            .expression_attribute_values(":from", text(keys::old_changes_from(minute)))
            .consistent_read(true);
        let notes: Vec<NoteRow> = self.query_all(query).await?;
        let mut ids: Vec<MessageId> = notes
            .iter()
            .filter_map(|note| MessageId::checked(session_id, note.sk.split_once('#')?.1.parse().ok()?))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let reads = futures_util::stream::iter(ids).map(|id| async move {
            let key = keys::message(session_id, id.seq());
            let row: Option<MessageRow> = self.get(&self.chat, &key, Consistency::Strong).await?;
            Ok::<_, StoreError>(row.and_then(|row| row.changed_after(id, after_ms)))
        });
        let found: Vec<_> = reads.buffered(CONCURRENT_READS).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}
