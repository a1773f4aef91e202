//! Likes. Their counters are exact at every moment: one transaction writes or deletes a like's row, unique by its key, and moves the
//! counter.
//!
//! A like of a message has a second row, in a list of its user's likes in the session. Older versions know the first row only, so that
//! one decides what counts: they may run beside this one, and likes that they stored can be taken back, but are not listed.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::message::MessageId;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{
    Consistency, TransactionOutcome, change_trace, expiring, expiry, item_of, number, text,
};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The counter of a session is spread over this many rows, so that a burst of likes does not contend for one.
const SHARDS: u8 = 8;
/// How often all shards are tried for one that a like can be taken from, while others move likes between them.
const ROUNDS: u8 = 3;

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

/// The outcome of taking a like back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlikeOutcome {
    /// The like does not count any more.
    TakenBack,
    /// The user did not like it.
    NotLiked,
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
        let count = self
            .likes_of(session, keys::shard_of(user_id, SHARDS))
            .update_expression(expiring(update, session.expires_at))
            .set_expression_attribute_values(expiry(session.expires_at))
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":one", number(1));
        // The likes of a session expire with it. If they expired earlier, a user could like it twice.
        let row = LikeRow { liked_ms: now.as_millisecond(), expires_at: session.expires_at };
        self.like(vec![self.put_new(&self.chat, item_of(&keys::session_like(session.id, user_id), &row))?], count).await
    }

    /// Takes back the like of a session.
    pub async fn unlike_session(&self, session: &Session, user_id: &str) -> Result<UnlikeOutcome, StoreError> {
        let row = self.delete_like(&keys::session_like(session.id, user_id))?;
        let own = keys::shard_of(user_id, SHARDS);
        // Older versions counted a like in any shard, so the user's own shard may hold fewer likes than its users gave. No shard goes
        // below zero, because nothing could read it then.
        for turn in 0..SHARDS * ROUNDS {
            let count = self
                .likes_of(session, (own + turn) % SHARDS)
                .update_expression("ADD likes :minus SET change_trace = :trace")
                .condition_expression("likes >= :one")
                .expression_attribute_values(":trace", change_trace())
                .expression_attribute_values(":minus", number(-1))
                .expression_attribute_values(":one", number(1));
            let outcome = self.transact(vec![row.clone(), count.part()?]).await?;
            match outcome {
                TransactionOutcome::Done => return Ok(UnlikeOutcome::TakenBack),
                refused if refused.refused_action(0) => return Ok(UnlikeOutcome::NotLiked),
                TransactionOutcome::Refused(_) => {}
            }
        }
        Err(StoreError::new("taking back a like", "no shard of the session has one"))
    }

    /// Likes a message.
    pub async fn like_message(
        &self,
        session: &Session,
        id: MessageId,
        user_id: &str,
        now: Timestamp,
    ) -> Result<LikeOutcome, StoreError> {
        let row = LikeRow { liked_ms: now.as_millisecond(), expires_at: self.history_expires_at(session, now) };
        let listed =
            Put::builder().table_name(&self.chat).set_item(Some(item_of(&keys::liked_message(id, user_id), &row)));
        let rows = vec![self.put_new(&self.chat, item_of(&keys::message_like(id, user_id), &row))?, listed.part()?];
        self.like(rows, liked_by(user_id, self.message_count(id, 1, now), "")).await
    }

    /// Takes back the like of a message.
    pub async fn unlike_message(
        &self,
        id: MessageId,
        user_id: &str,
        now: Timestamp,
    ) -> Result<UnlikeOutcome, StoreError> {
        let listed =
            Delete::builder().table_name(&self.chat).set_key(Some(keys::liked_message(id, user_id).attributes()));
        let count = self.message_count(id, -1, now).expression_attribute_values(":one", number(1));
        let actions = vec![
            self.delete_like(&keys::message_like(id, user_id))?,
            listed.part()?,
            liked_by(user_id, count, " AND likes >= :one").part()?,
        ];
        let outcome = self.transact(actions).await?;
        Ok(match outcome {
            TransactionOutcome::Done => UnlikeOutcome::TakenBack,
            // The message may be gone, too. Its row decides, and the caller reads it.
            refused if refused.refused_action(0) => UnlikeOutcome::NotLiked,
            TransactionOutcome::Refused(_) => UnlikeOutcome::NotFound,
        })
    }

    /// Whether a user likes a session.
    pub async fn user_likes_session(&self, session_id: u64, user_id: &str) -> Result<bool, StoreError> {
        let key = keys::session_like(session_id, user_id);
        let row: Option<serde_json::Value> = self.get(&self.chat, &key, Consistency::Strong).await?;
        Ok(row.is_some())
    }

    /// The numbers of the messages from `first` to `last` that a user likes.
    pub async fn liked_between(
        &self,
        session_id: u64,
        user_id: &str,
        first: u64,
        last: u64,
    ) -> Result<BTreeSet<u64>, StoreError> {
        #[derive(Deserialize)]
        struct Liked {
            sk: String,
        }
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :liked AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":liked", text(keys::liked_messages(session_id, user_id)))
            .expression_attribute_values(":first", text(keys::message_sort_key(first)))
            .expression_attribute_values(":last", text(keys::message_sort_key(last)))
            .projection_expression("sk")
            .consistent_read(true);
        let rows: Vec<Liked> = self.query_all(query).await?;
        Ok(rows.iter().filter_map(|row| row.sk.parse().ok()).collect())
    }

    /// Writes the rows of a like, the first of which must be new, and counts it.
    async fn like(&self, mut actions: Vec<TransactWriteItem>, count: UpdateBuilder) -> Result<LikeOutcome, StoreError> {
        let counter = actions.len();
        actions.push(count.part()?);
        let outcome = self.transact(actions).await?;
        Ok(match outcome {
            TransactionOutcome::Done => LikeOutcome::Counted,
            refused if refused.refused_action(counter) => LikeOutcome::NotFound,
            TransactionOutcome::Refused(_) => LikeOutcome::Repeated,
        })
    }

    /// An update of a shard of a session's likes.
    fn likes_of(&self, session: &Session, shard: u8) -> UpdateBuilder {
        let key = keys::like_shard(session.id, shard).attributes();
        Update::builder().table_name(&self.chat).set_key(Some(key))
    }

    /// Adds to the likes of a message. `:now` is for the condition.
    fn message_count(&self, id: MessageId, change: i64, now: Timestamp) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression("ADD likes :change SET change_trace = :trace, changed_ms = :changed")
            .expression_attribute_values(":change", number(change))
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":changed", number(now.as_millisecond()))
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":now", number(now.as_second()))
    }

    fn delete_like(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.chat).set_key(Some(key.attributes()));
        let delete = delete.condition_expression("attribute_exists(pk)");
        delete.part()
    }
}

/// The count of a like by a user who sees the message: voids and deleted messages have no text, and a shadowed one has its own, for its
/// author.
fn liked_by(user_id: &str, count: UpdateBuilder, further: &str) -> UpdateBuilder {
    let is_seen = "(attribute_exists(#text) OR (attribute_exists(shadow_text) AND user_id = :me))";
    let is_alive = "(attribute_not_exists(expires_at) OR expires_at > :now)";
    let count = count.condition_expression(format!("{is_seen} AND {is_alive}{further}"));
    count.expression_attribute_values(":me", text(user_id))
}
