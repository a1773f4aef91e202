//! Likes. Their counters are exact at every moment: one transaction writes a like's row, unique by its key, and the counter.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::message::MessageId;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{
    Consistency, TransactionOutcome, built, change_trace, expiring, expiry, item_of, number,
};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The counter of a session is spread over this many rows, so that a burst of likes does not contend for one.
const SHARDS: u8 = 8;

/// The outcome of a like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LikeOutcome {
    /// The like counts.
    Counted,
    /// The user has liked it before.
    Repeated,
    /// There is no such message.
    NotFound,
}

#[derive(Serialize)]
struct LikeRow {
    liked_ms: i64,
    expires_at: Option<i64>,
}

impl Store {
    /// Likes a session.
    pub async fn like_session(
        &self,
        session: &Session,
        user_id: &str,
        now: Timestamp,
    ) -> Result<LikeOutcome, StoreError> {
        let update = "ADD likes :one SET change_trace = :trace";
        let count = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::like_shard(session.id, rand::random_range(0..SHARDS)).attributes()))
            .update_expression(expiring(update, session.expires_at))
            .set_expression_attribute_values(expiry(session.expires_at))
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":one", number(1));
        // The likes of a session expire with it. If they expired earlier, a user could like it twice.
        self.like(&keys::session_like(session.id, user_id), session.expires_at, now, count).await
    }

    /// Likes a message.
    pub async fn like_message(
        &self,
        session: &Session,
        id: MessageId,
        user_id: &str,
        now: Timestamp,
    ) -> Result<LikeOutcome, StoreError> {
        let expires_at = self.history_expires_at(session.end, now);
        let count = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression("ADD likes :one SET change_trace = :trace, changed_ms = :changed")
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":changed", number(now.as_millisecond()))
            // Voids and deleted messages have no text.
            .condition_expression("attribute_exists(#text) AND (attribute_not_exists(expires_at) OR expires_at > :now)")
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", number(now.as_second()));
        self.like(&keys::message_like(id, user_id), expires_at, now, count).await
    }

    /// Whether a user likes a session.
    pub async fn user_likes_session(&self, session_id: u64, user_id: &str) -> Result<bool, StoreError> {
        let key = keys::session_like(session_id, user_id);
        let row: Option<serde_json::Value> = self.get(&self.chat, &key, Consistency::Strong).await?;
        Ok(row.is_some())
    }

    async fn like(
        &self,
        key: &Key,
        expires_at: Option<i64>,
        now: Timestamp,
        count: UpdateBuilder,
    ) -> Result<LikeOutcome, StoreError> {
        let row = item_of(key, LikeRow { liked_ms: now.as_millisecond(), expires_at });
        let like =
            Put::builder().table_name(&self.chat).set_item(Some(row)).condition_expression("attribute_not_exists(pk)");
        let actions = vec![
            TransactWriteItem::builder().put(built(like.build())?).build(),
            TransactWriteItem::builder().update(built(count.build())?).build(),
        ];
        let outcome = self.transact(actions).await?;
        Ok(match outcome {
            TransactionOutcome::Done => LikeOutcome::Counted,
            refused if refused.refused_action(1) => LikeOutcome::NotFound,
            _ => LikeOutcome::Repeated,
        })
    }
}
