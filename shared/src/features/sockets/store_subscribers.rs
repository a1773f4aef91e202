//! The rooms of sessions: each open socket has a row there, which the broadcast reads. Sockets of hosts and moderators are also listed
//! in a partition of their own.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Deserializer, Serialize};

use super::store::Socket;
use crate::domain::caller::Caller;
use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::{Consistency, item_of, number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Sockets of a slice.
pub const SLICE: usize = 1000;
/// Subscribers are spread over this many buckets (four hexadecimal digits).
const BUCKETS: u32 = 0x1_0000;

/// The attributes of a [`Subscriber`]. Nothing else of a row is read.
const ATTRIBUTES: &str =
    "sk, connected_ms, #batch, token_expires_at, behind, behind_ms, behind_changed, behind_notices, taken";

/// A socket in a room, as the broadcast needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriber {
    /// API Gateway's connection id. The row has it in its sort key only, because each flush reads all rows of a room.
    #[serde(alias = "sk", deserialize_with = "connection_id")]
    pub connection_id: String,
    /// The time of its opening, in milliseconds since 1970.
    pub connected_ms: i64,
    /// Whether it takes several events in one frame.
    pub batch: bool,
    /// `exp` of its token, in seconds since 1970.
    pub token_expires_at: i64,
    /// If the socket lags: it has every message up to this number.
    #[serde(default, rename = "behind")]
    pub lagging_after: Option<u64>,
    /// The time at which a lagging socket last accepted a post, in milliseconds since 1970.
    #[serde(default, rename = "behind_ms")]
    pub last_taken_ms: i64,
    /// Messages up to that number that were deleted or liked since, which a lagging socket does not know.
    #[serde(default, rename = "behind_changed")]
    pub missed_changes: BTreeSet<MessageId>,
    /// The frames of notices that a lagging socket has not received, in order. Their rows are gone.
    #[serde(default, rename = "behind_notices")]
    pub missed_notices: Vec<String>,
    /// A random number, new with each subscription. A prune names it, and so removes the subscription that was seen to be dead.
    #[serde(default, rename = "taken")]
    pub nonce: u64,
}

/// What a lagging socket misses beside the messages after a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// Messages up to that number that were deleted or liked since.
    pub changes: BTreeSet<MessageId>,
    /// The frames of notices, in order.
    pub notices: Vec<String>,
}

impl Subscriber {
    /// Whether the socket did not accept an event at its time.
    pub fn is_lagging(&self) -> bool {
        self.lagging_after.is_some()
    }
}

fn connection_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut id = String::deserialize(deserializer)?;
    keys::strip_bucket(&mut id);
    Ok(id)
}

/// A part of a room: the subscribers in the buckets from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// First bucket.
    pub first: u32,
    /// Last bucket, included.
    pub last: u32,
}

impl Slice {
    /// The whole room.
    pub const ALL: Slice = Slice { first: 0, last: BUCKETS - 1 };

    /// Cuts a room into parts of about equal size.
    pub fn cut(parts: u32) -> Vec<Slice> {
        let parts = parts.clamp(1, BUCKETS);
        let edge = |part: u32| (u64::from(part) * u64::from(BUCKETS) / u64::from(parts)) as u32;
        (0..parts).map(|part| Slice { first: edge(part), last: edge(part + 1) - 1 }).collect()
    }
}

/// The subscribers of a room, or their number if they exceed a slice.
#[derive(Debug, PartialEq, Eq)]
pub enum Subscribers {
    /// All of them.
    Listed(Vec<Subscriber>),
    /// About how many there are.
    Estimated(usize),
}

impl Subscribers {
    /// The number of subscribers, or its estimate.
    pub fn count(&self) -> usize {
        match self {
            Subscribers::Listed(subscribers) => subscribers.len(),
            Subscribers::Estimated(sockets) => *sockets,
        }
    }
}

impl Store {
    /// Adds a socket to its room.
    pub async fn subscribe(&self, socket: &Socket) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct SubscriberRow {
            connected_ms: i64,
            batch: bool,
            token_expires_at: i64,
            #[serde(rename = "taken")]
            nonce: u64,
            expires_at: i64,
        }
        #[derive(Serialize)]
        struct StaffRow<'a> {
            user_id: &'a str,
            username: &'a str,
            expires_at: i64,
        }
        let row = SubscriberRow {
            connected_ms: socket.connected_ms,
            batch: socket.batch,
            token_expires_at: socket.caller.expires_at,
            nonce: rand::random(),
            expires_at: socket.expires_at(),
        };
        // The list of staff comes before the room, so that no staff socket in the room is missing there.
        if socket.caller.reads_as_staff() {
            let key = keys::staff_socket(socket.session_id, &socket.connection_id);
            let Caller { user_id, username, .. } = &socket.caller;
            let row = StaffRow { user_id, username, expires_at: socket.expires_at() };
            self.put(self.client.put_item().table_name(&self.connections).set_item(Some(item_of(&key, row)))).await?;
        }
        let key = keys::subscriber(socket.session_id, &socket.connection_id);
        self.put(self.client.put_item().table_name(&self.connections).set_item(Some(item_of(&key, row)))).await?;
        if socket.was_pruned {
            let update = self
                .client
                .update_item()
                .table_name(&self.connections)
                .set_key(Some(keys::socket(&socket.connection_id).attributes()))
                .update_expression("REMOVE lost_its_place")
                .condition_expression("attribute_exists(pk)");
            self.update(update).await?;
        }
        Ok(())
    }

    /// Removes a socket from its room.
    pub(super) async fn unsubscribe(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.connections);
        self.delete(delete.set_key(Some(keys::subscriber(session_id, connection_id).attributes()))).await.map(drop)
    }

    /// Removes a socket that seems dead from its room, and nothing else: if it is alive, its next frame subscribes it again. A newer
    /// subscription than the given one stays.
    pub async fn prune_subscriber(&self, session_id: u64, subscriber: &Subscriber) -> Result<(), StoreError> {
        let connection_id = &subscriber.connection_id;
        let mark = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::socket(connection_id).attributes()))
            .update_expression("SET lost_its_place = :yes")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        self.update(mark).await?;
        let delete = self
            .client
            .delete_item()
            .table_name(&self.connections)
            .set_key(Some(keys::subscriber(session_id, connection_id).attributes()))
            .condition_expression("attribute_not_exists(taken) OR taken = :nonce")
            .expression_attribute_values(":nonce", number(subscriber.nonce));
        self.delete(delete).await.map(drop)
    }

    /// Removes a socket from the list of staff. One that a crash leaves there is in no room, and expires.
    pub(super) async fn delete_staff_socket(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.connections);
        self.delete(delete.set_key(Some(keys::staff_socket(session_id, connection_id).attributes()))).await.map(drop)
    }

    /// All subscribers in a slice of a room, strongly consistent: every accepted socket is among them.
    pub async fn subscribers(&self, session_id: u64, slice: Slice) -> Result<Vec<Subscriber>, StoreError> {
        self.query_all(self.subscribers_query(session_id, slice)).await
    }

    /// The subscribers of a room if they fit one slice. Otherwise their number, estimated from the buckets that one slice reaches.
    pub async fn list_or_estimate(&self, session_id: u64) -> Result<Subscribers, StoreError> {
        let query = self.subscribers_query(session_id, Slice::ALL).limit(SLICE as i32 + 1);
        let (subscribers, more) = self.query_page::<Subscriber>(query).await?;
        match subscribers.last() {
            Some(last) if more || subscribers.len() > SLICE => {
                let reached = u64::from(keys::subscriber_bucket(&last.connection_id)) + 1;
                Ok(Subscribers::Estimated((subscribers.len() as u64 * u64::from(BUCKETS) / reached) as usize))
            }
            _ => Ok(Subscribers::Listed(subscribers)),
        }
    }

    /// A socket in a room, strongly consistent; `None` if it is not there.
    pub async fn subscriber(&self, session_id: u64, connection_id: &str) -> Result<Option<Subscriber>, StoreError> {
        self.get(&self.connections, &keys::subscriber(session_id, connection_id), Consistency::Strong).await
    }

    /// The connection ids of a session's hosts and moderators, strongly consistent. Some sockets may have closed.
    pub async fn staff_sockets(&self, session_id: u64) -> Result<Vec<String>, StoreError> {
        self.sort_keys(&self.connections, &keys::staff(session_id), None).await
    }

    fn subscribers_query(&self, session_id: u64, slice: Slice) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.connections)
            .key_condition_expression("pk = :room AND sk BETWEEN :first AND :last")
            .projection_expression(ATTRIBUTES)
            // A reserved word.
            .expression_attribute_names("#batch", "batch")
            .expression_attribute_values(":room", text(keys::room(session_id)))
            .expression_attribute_values(":first", text(format!("{:04x}#", slice.first)))
            // `$` is the character after `#`.
            .expression_attribute_values(":last", text(format!("{:04x}$", slice.last)))
            .consistent_read(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_a_room_without_overlap() {
        for parts in [1, 2, 3, 7, 10, 1000] {
            let slices = Slice::cut(parts);
            assert_eq!((slices.len() as u32, slices[0].first, slices[slices.len() - 1].last), (parts, 0, BUCKETS - 1));
            assert!(slices.windows(2).all(|pair| pair[0].last + 1 == pair[1].first));
        }
        assert_eq!(Slice::cut(1), [Slice::ALL]);
    }
}
