//! How far a session's broadcast has come, with the lease that lets one invocation at a time move it, and the bell.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::broadcast::backpressure::Backpressure;
use crate::domain::broadcast::missed_wakeups::CLOCKS_DIFFER_MS;
use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::{Consistency, Written, number, parse, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// How long a lease lasts without being renewed: a dead holder costs this much.
pub const LEASE: SignedDuration = SignedDuration::from_secs(3);

/// The broadcast's own row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Every number up to this one is settled for good: sent, void or deleted.
    #[serde(default)]
    pub seq: u64,
    /// When likes were sent last, in milliseconds since 1970.
    #[serde(default)]
    pub likes_sent_ms: i64,
    /// When the number of viewers was sent last.
    #[serde(default)]
    pub viewers_sent_ms: i64,
    /// When everybody in the room was sent something last.
    #[serde(default)]
    pub heard_ms: i64,
    /// The session's likes as they were told last.
    #[serde(default)]
    pub likes_told: u64,
    /// The number of viewers as it was told last.
    #[serde(default)]
    pub viewers_told: u64,
    /// Changes of messages up to this time (by their own clocks, in milliseconds since 1970) were told.
    #[serde(default)]
    pub changes_told_ms: i64,
    /// When the last turn that ended well had begun. From [`crate::domain::broadcast::missed_wakeups`] follows what may have been missed since.
    #[serde(default)]
    pub turn_ms: i64,
    /// Whether `session_ended` was sent and the sockets were closed.
    #[serde(default)]
    pub finished: bool,
    /// Up to which number senders may go, as it was set last.
    #[serde(default)]
    pub admitted: Option<u64>,
    /// When the row expires, in seconds since 1970: with its session, but not before that has ended.
    #[serde(default)]
    pub expires_at: Option<i64>,
    /// What the room can bear, as it was found last.
    #[serde(flatten)]
    pub flow: Backpressure,
}

/// What `housekeep` asks for, or what a broadcast has left to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Numbers up to this one are to be settled, stored or not.
    #[serde(default)]
    pub settle_up_to: u64,
    /// Numbers up to this one are stored, and their own bells have rung.
    #[serde(default)]
    pub tell_up_to: u64,
    /// Whether the number of viewers is to be told although it may be unchanged: so quiet sockets stay open.
    #[serde(default)]
    pub repeat_viewers: bool,
    /// Whether the session's likes are to be told.
    #[serde(default)]
    pub tell_likes: bool,
    /// Messages whose likes are to be told.
    #[serde(default)]
    pub message_likes: BTreeSet<MessageId>,
    /// Whether the session's end is to be told.
    #[serde(default)]
    pub ended: bool,
    /// Whether what was told last is to be held against the table: bells may have been lost.
    #[serde(default)]
    pub recheck: bool,
    /// Whether sockets are noted as behind, with nobody who helps them.
    #[serde(default)]
    pub behind: bool,
}

impl Store {
    /// How far a session's broadcast has come.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn cursor(&self, session_id: u64) -> Result<Cursor, StoreError> {
        // An old copy says less than has been done, never more.
        let cursor = self.get(&self.connections, &keys::cursor(session_id), Consistency::Eventual).await?;
        Ok(cursor.unwrap_or_default())
    }

    /// Takes the lease if it is free, has run out, or is one's own. `None` if somebody else has it. A lease that ends far in the
    /// future is one of a clock that was ahead: waiting for its end could silence the room for hours.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn take_lease(&self, session_id: u64, owner: &str, now: Timestamp) -> Result<Option<Cursor>, StoreError> {
        let update = self
            .cursor_update(session_id, owner)
            .update_expression("SET lease_owner = :owner, lease_until_ms = :until")
            .condition_expression(
                "attribute_not_exists(lease_owner) OR lease_owner = :owner OR lease_until_ms < :now OR lease_until_ms > :ahead",
            )
            .expression_attribute_values(":ahead", number((now + LEASE).as_millisecond() + CLOCKS_DIFFER_MS))
            .expression_attribute_values(":until", number((now + LEASE).as_millisecond()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .return_values(ReturnValue::AllNew);
        match self.update(update).await? {
            Written::Done(attributes) => Ok(Some(parse(attributes)?)),
            Written::Refused(_) => Ok(None),
        }
    }

    /// Writes the cursor and renews the lease. `false` if the lease is somebody else's by now.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn move_cursor(
        &self,
        session_id: u64,
        owner: &str,
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .cursor_update(session_id, owner)
            .update_expression(
                "SET seq = :seq, likes_sent_ms = :likes, viewers_sent_ms = :viewers, heard_ms = :heard, finished = :finished, admitted = :admitted, plain = :plain, batched = :batched, measured = :measured, likes_told = :likes_told, viewers_told = :viewers_told, changes_told_ms = :changes_told, lease_until_ms = :until",
            )
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":seq", number(cursor.seq))
            .expression_attribute_values(":likes", number(cursor.likes_sent_ms))
            .expression_attribute_values(":viewers", number(cursor.viewers_sent_ms))
            .expression_attribute_values(":heard", number(cursor.heard_ms))
            .expression_attribute_values(":likes_told", number(cursor.likes_told))
            .expression_attribute_values(":viewers_told", number(cursor.viewers_told))
            .expression_attribute_values(":changes_told", number(cursor.changes_told_ms))
            .expression_attribute_values(":finished", AttributeValue::Bool(cursor.finished))
            .expression_attribute_values(":plain", number(cursor.flow.plain as u64))
            .expression_attribute_values(":batched", number(cursor.flow.batched as u64))
            .expression_attribute_values(":measured", number(cursor.flow.measured))
            .expression_attribute_values(":admitted", cursor.admitted.map_or(AttributeValue::Null(true), number))
            .expression_attribute_values(":until", number((now + LEASE).as_millisecond()));
        Ok(matches!(self.update(update).await?, Written::Done(_)))
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn give_lease_back(&self, session_id: u64, owner: &str) -> Result<(), StoreError> {
        let update = self
            .cursor_update(session_id, owner)
            .update_expression("REMOVE lease_owner, lease_until_ms")
            .condition_expression("lease_owner = :owner");
        self.update(update).await.map(drop)
    }

    /// Has the cursor of a session that has ended expire with it.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn let_cursor_expire(&self, session_id: u64, expires_at: i64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::cursor(session_id).attributes()))
            .update_expression("SET expires_at = :expires")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":expires", number(expires_at));
        self.update(update).await.map(drop)
    }

    /// Gives the lease back after a turn that ended well and had begun at `turn_ms` (milliseconds since 1970).
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn end_turn(&self, session_id: u64, owner: &str, turn_ms: i64) -> Result<(), StoreError> {
        let update = self
            .cursor_update(session_id, owner)
            .update_expression("SET turn_ms = :turn REMOVE lease_owner, lease_until_ms")
            .expression_attribute_values(":turn", number(turn_ms))
            .condition_expression("lease_owner = :owner");
        self.update(update).await.map(drop)
    }

    /// Rings the bell of a session.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn wake(&self, session_id: u64, ring: Ring, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct RingRow {
            #[serde(flatten)]
            ring: Ring,
            // A bell that rings twice is two changes.
            rung_ms: i64,
            expires_at: i64,
        }
        let row = RingRow { ring, rung_ms: now.as_millisecond(), expires_at: now.as_second() + 24 * 3600 };
        let item = crate::platform::dynamo::calls::traced_item_of(&keys::wake_up(session_id), row);
        self.put(self.client.put_item().table_name(&self.chat).set_item(Some(item))).await.map(drop)
    }

    fn cursor_update(&self, session_id: u64, owner: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::cursor(session_id).attributes()))
            .expression_attribute_values(":owner", text(owner))
    }
}
