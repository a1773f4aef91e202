//! Viewers: one row per user and session while the user counts as a viewer, and a counter of the rows.
//!
//! The counter is in the chat table, so that its changes wake the broadcast. It is not changed in one transaction with a row, because
//! it is too hot for that. `housekeep` compares them each minute and corrects what a crash left.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::caller::Caller;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{
    Consistency, Item, WriteOutcome, change_trace, expiring, expiry, number, parse, text,
};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The sockets that a user may have in a session (docs/contract.md, Limits).
pub const MAX_SOCKETS_PER_USER: usize = 10;

/// The rows of viewers expire after this long, if they are left over: `housekeep` removes silent viewers much earlier.
const MAX_ABSENCE_SECONDS: i64 = 2 * 24 * 3600;

/// A viewer's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The user.
    #[serde(rename = "sk")]
    pub user_id: String,
    /// The time at which the user was last seen, in milliseconds since 1970.
    pub seen_ms: i64,
    /// The connection ids of the user's open sockets.
    #[serde(default)]
    pub sockets: Vec<String>,
}

/// The outcome of adding a socket.
#[derive(Debug, PartialEq, Eq)]
pub enum SocketAdmission {
    /// The socket was added.
    Granted,
    /// The user has as many sockets as allowed.
    TooManySockets,
}

impl Store {
    /// A viewer's row.
    pub async fn presence(&self, session_id: u64, user_id: &str) -> Result<Option<Presence>, StoreError> {
        self.get(&self.connections, &keys::presence(session_id, user_id), Consistency::Strong).await
    }

    /// All viewers of a session.
    pub async fn viewers(&self, session_id: u64) -> Result<Vec<Presence>, StoreError> {
        self.presences_in(keys::presences(session_id)).await
    }

    /// All rows of a partition.
    pub(super) async fn presences_in(&self, partition: String) -> Result<Vec<Presence>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.connections)
            .key_condition_expression("pk = :audience")
            .expression_attribute_values(":audience", text(partition))
            .consistent_read(true);
        self.query_all(query).await
    }

    /// Adds a socket of a user. The user is seen by that.
    pub async fn add_socket(
        &self,
        session: &Session,
        caller: &Caller,
        connection_id: &str,
        now: Timestamp,
    ) -> Result<SocketAdmission, StoreError> {
        let key = keys::presence(session.id, &caller.user_id);
        match self.add_socket_to(&key, &caller.username, connection_id, now).await? {
            WriteOutcome::Refused(_) => Ok(SocketAdmission::TooManySockets),
            WriteOutcome::Done(before) => {
                self.count_if_new(session.id, session.expires_at, &before).await?;
                Ok(SocketAdmission::Granted)
            }
        }
    }

    /// Adds a socket to a row, which gets the name of its user, unless it holds as many as a user may have. Returns the row before.
    pub(super) async fn add_socket_to(
        &self,
        key: &Key,
        username: &str,
        connection_id: &str,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let update = self
            .presence_update(key, now)
            .update_expression("SET seen_ms = :now, expires_at = :expires, username = :name ADD sockets :socket")
            .condition_expression("attribute_not_exists(sockets) OR size(sockets) < :most OR contains(sockets, :id)")
            .expression_attribute_values(":socket", AttributeValue::Ss(vec![connection_id.to_owned()]))
            .expression_attribute_values(":id", text(connection_id))
            .expression_attribute_values(":name", text(username))
            .expression_attribute_values(":most", number(MAX_SOCKETS_PER_USER as u64))
            .return_values(ReturnValue::AllOld);
        self.update(update).await
    }

    /// Notes that a user was seen; `true` if the user is a new viewer.
    pub async fn touch_viewer(&self, session: &Session, user_id: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.note_seen(session.id, session.expires_at, user_id, now).await
    }

    /// The same for a user with a socket. Its opening has made the user a viewer and set the expiry of the counter.
    pub async fn touch_viewer_by_frame(
        &self,
        session_id: u64,
        user_id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.note_seen(session_id, None, user_id, now).await
    }

    async fn note_seen(
        &self,
        session_id: u64,
        expires_at: Option<i64>,
        user_id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .presence_update(&keys::presence(session_id, user_id), now)
            .update_expression("SET seen_ms = :now, expires_at = :expires");
        match self.update(update.return_values(ReturnValue::AllOld)).await? {
            WriteOutcome::Done(before) => self.count_if_new(session_id, expires_at, &before).await,
            WriteOutcome::Refused(_) => Ok(false),
        }
    }

    /// Removes a socket of a user. After the last one, the user is no viewer any more.
    pub async fn remove_socket(&self, session_id: u64, user_id: &str, connection_id: &str) -> Result<(), StoreError> {
        match self.remove_socket_from(&keys::presence(session_id, user_id), connection_id).await? {
            Some(after) if after.sockets.is_empty() => self.forget_viewer(session_id, &after).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Removes a socket from a row. Returns the row after, unless it did not hold the socket.
    pub(super) async fn remove_socket_from(
        &self,
        key: &Key,
        connection_id: &str,
    ) -> Result<Option<Presence>, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(key.attributes()))
            .update_expression("DELETE sockets :socket")
            .condition_expression("contains(sockets, :id)")
            .expression_attribute_values(":socket", AttributeValue::Ss(vec![connection_id.to_owned()]))
            .expression_attribute_values(":id", text(connection_id))
            .return_values(ReturnValue::AllNew);
        match self.update(update).await? {
            WriteOutcome::Done(after) => Ok(Some(parse(after)?)),
            WriteOutcome::Refused(_) => Ok(None),
        }
    }

    /// Removes a viewer, unless the user has a socket or was seen after this row was read.
    pub async fn forget_viewer(&self, session_id: u64, presence: &Presence) -> Result<bool, StoreError> {
        let gone = self.forget_presence(&keys::presence(session_id, &presence.user_id), presence).await?;
        if gone {
            self.add_viewers(session_id, None, -1).await?;
        }
        Ok(gone)
    }

    /// Deletes a row, unless it has a socket or has changed since it was read.
    pub(super) async fn forget_presence(&self, key: &Key, presence: &Presence) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.connections)
            .set_key(Some(key.attributes()))
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(sockets) AND seen_ms = :seen")
            .expression_attribute_values(":seen", number(presence.seen_ms));
        Ok(matches!(self.delete(delete).await?, WriteOutcome::Done(_)))
    }

    /// Sets the number of viewers to the counted one, unless it has changed since it was read.
    pub async fn correct_viewers(&self, session: &Session, read: u64, counted: u64) -> Result<bool, StoreError> {
        let update = "SET #count = :counted, change_trace = :trace";
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::viewers(session.id).attributes()))
            .update_expression(expiring(update, session.expires_at))
            .set_expression_attribute_values(expiry(session.expires_at))
            .expression_attribute_values(":trace", change_trace())
            // A number below zero reads as zero.
            .condition_expression(if read == 0 {
                "attribute_not_exists(pk) OR #count <= :read"
            } else {
                "#count = :read"
            })
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":counted", number(counted))
            .expression_attribute_values(":read", number(read));
        Ok(matches!(self.update(update).await?, WriteOutcome::Done(_)))
    }

    fn presence_update(&self, key: &Key, now: Timestamp) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(key.attributes()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":expires", number(now.as_second() + MAX_ABSENCE_SECONDS))
    }

    async fn count_if_new(&self, session_id: u64, expires_at: Option<i64>, before: &Item) -> Result<bool, StoreError> {
        // For a new row, AWS returns no attributes, and the embedded engine returns the key.
        let is_new = !before.contains_key("seen_ms");
        if is_new {
            self.add_viewers(session_id, expires_at, 1).await?;
        }
        Ok(is_new)
    }

    async fn add_viewers(&self, session_id: u64, expires_at: Option<i64>, change: i64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::viewers(session_id).attributes()))
            .update_expression(expiring("ADD #count :change SET change_trace = :trace", expires_at))
            // A viewer that leaves must not create the row: without an expiry, it would outlive the session.
            .set_condition_expression((change < 0).then(|| "attribute_exists(pk)".to_owned()))
            .set_expression_attribute_values(expiry(expires_at))
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":change", number(change));
        self.update(update).await.map(drop)
    }
}
