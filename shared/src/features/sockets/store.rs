//! Open sockets: one row finds a socket by its connection id, another one is its place in the room of its session.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::caller::Caller;
use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, item_of, number, text, traced_item_of};
use crate::platform::dynamo::{Store, StoreError, keys};

/// API Gateway ends any socket after two hours; rows of sockets whose end nobody saw go an hour later.
const MAX_SOCKET_SECONDS: i64 = 3 * 3600;
/// How many sockets make one slice of a room.
pub const SLICE: usize = 1000;
/// A socket that is behind is told of so many earlier messages at most: nobody likes or deletes as many while it catches up.
const MAX_CHANGED: usize = 200;
/// Places are spread over this many buckets (four hexadecimal digits).
const BUCKETS: u32 = 0x1_0000;

/// A socket, as the frames that come from it find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    /// The connection id that API Gateway gave.
    pub connection_id: String,
    /// The session whose room it is in.
    pub session_id: u64,
    /// Who opened it.
    pub caller: Caller,
    /// When it was opened, in milliseconds since 1970.
    pub connected_ms: i64,
    /// Whether it asked for `batch=1`.
    pub batch: bool,
    /// Whether its place was taken away because it seemed dead. Its next frame shows that it was not.
    #[serde(default)]
    #[serde(rename = "lost_its_place")]
    pub was_pruned: bool,
    /// The minute (since 1970) in which its frames were counted last, and how many were.
    #[serde(default)]
    pub frames_minute: i64,
    /// See `frames_minute`.
    #[serde(default)]
    pub frames: u64,
}

/// The attributes of a [`Subscriber`]. Nothing else of a row is read.
const SUBSCRIBER: &str = "sk, connected_ms, #batch, token_expires_at, behind, behind_ms, behind_changed, taken";

/// A socket's place in a room: what the broadcast needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriber {
    /// The connection id. A row has it in its sort key alone, for each flush reads all rows of a room.
    #[serde(alias = "sk", deserialize_with = "connection_id")]
    pub connection_id: String,
    /// When it was opened, in milliseconds since 1970.
    pub connected_ms: i64,
    /// Whether it gets several events in one frame.
    pub batch: bool,
    /// `exp` of the token that opened it, in seconds since 1970.
    pub token_expires_at: i64,
    /// If the socket could not take a message when it was its turn: the number up to which it has them all.
    #[serde(default)]
    pub behind: Option<u64>,
    /// When a socket that is behind took something last, in milliseconds since 1970.
    #[serde(default)]
    pub behind_ms: i64,
    /// Messages before that number which were deleted or liked meanwhile: the socket has not heard of it.
    #[serde(default)]
    pub behind_changed: BTreeSet<MessageId>,
    /// A number by chance, another one whenever the place is taken: who takes it away means the one that was seen.
    #[serde(default)]
    #[serde(rename = "taken")]
    pub nonce: u64,
}

fn connection_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut id = String::deserialize(deserializer)?;
    keys::strip_bucket(&mut id);
    Ok(id)
}

/// A part of a room: the places whose buckets are from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// First bucket.
    pub first: u32,
    /// Last bucket, included.
    pub last: u32,
}

impl Slice {
    /// A whole room.
    pub const ALL: Slice = Slice { first: 0, last: BUCKETS - 1 };

    /// A room cut into parts of about equal size.
    pub fn cut(parts: u32) -> Vec<Slice> {
        let parts = parts.clamp(1, BUCKETS);
        let edge = |part: u32| (u64::from(part) * u64::from(BUCKETS) / u64::from(parts)) as u32;
        (0..parts).map(|part| Slice { first: edge(part), last: edge(part + 1) - 1 }).collect()
    }
}

/// A room as far as one slice goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Subscribers {
    /// Everybody who is in it.
    Listed(Vec<Subscriber>),
    /// It has about this many sockets, which is more than a slice.
    Estimated(usize),
}

impl Subscribers {
    /// How many sockets there are, or about as many.
    pub fn count(&self) -> usize {
        match self {
            Subscribers::Listed(subscribers) => subscribers.len(),
            Subscribers::Estimated(sockets) => *sockets,
        }
    }
}

impl Store {
    /// Writes both rows of a socket, the one that finds it first: a place without it could never be restored.
    pub async fn put_socket(&self, socket: &Socket) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct SocketRow<'a> {
            #[serde(flatten)]
            socket: &'a Socket,
            expires_at: i64,
        }
        let row = SocketRow { socket, expires_at: expires_at(socket) };
        let put = self.client.put_item().table_name(&self.connections);
        self.put(put.set_item(Some(item_of(&keys::socket(&socket.connection_id), row)))).await?;
        self.subscribe(socket).await
    }

    /// Writes a socket's place in its room.
    pub async fn subscribe(&self, socket: &Socket) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct SubscriberRow {
            connected_ms: i64,
            batch: bool,
            token_expires_at: i64,
            taken: u64,
            expires_at: i64,
        }
        #[derive(Serialize)]
        struct StaffRow {
            expires_at: i64,
        }
        let row = SubscriberRow {
            connected_ms: socket.connected_ms,
            batch: socket.batch,
            token_expires_at: socket.caller.expires_at,
            taken: rand::random(),
            expires_at: expires_at(socket),
        };
        // Before the room's row: whoever is in the room as staff is found as staff.
        if socket.caller.is_staff() {
            let key = keys::staff_socket(socket.session_id, &socket.connection_id);
            let row = StaffRow { expires_at: expires_at(socket) };
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

    /// The socket with this connection id. An eventually consistent read comes first, for it costs half and rows of sockets
    /// hardly change.
    pub async fn socket(&self, connection_id: &str) -> Result<Option<Socket>, StoreError> {
        let key = keys::socket(connection_id);
        match self.get(&self.connections, &key, Consistency::Eventual).await? {
            Some(socket) => Ok(Some(socket)),
            None => self.get(&self.connections, &key, Consistency::Strong).await,
        }
    }

    /// Removes a socket that has closed, with its place.
    pub async fn delete_socket(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        self.unsubscribe(session_id, connection_id).await?;
        let delete = self.client.delete_item().table_name(&self.connections);
        self.delete(delete.set_key(Some(keys::socket(connection_id).attributes()))).await.map(drop)
    }

    /// Takes away the place of a socket that seems dead, and nothing else: should it live, its next frame restores it. A place
    /// that a frame has restored since it was seen stays.
    pub async fn prune_subscriber(&self, session_id: u64, place: &Subscriber) -> Result<(), StoreError> {
        let connection_id = &place.connection_id;
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
            .condition_expression("attribute_not_exists(taken) OR taken = :taken")
            .expression_attribute_values(":taken", number(place.nonce));
        self.delete(delete).await.map(drop)
    }

    /// Takes a socket off the list of staff. One that stays there by a crash is in no room, and expires.
    pub async fn delete_staff_socket(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.connections);
        self.delete(delete.set_key(Some(keys::staff_socket(session_id, connection_id).attributes()))).await.map(drop)
    }

    async fn unsubscribe(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.connections);
        self.delete(delete.set_key(Some(keys::subscriber(session_id, connection_id).attributes()))).await.map(drop)
    }

    /// Everybody in a slice of a room, strongly consistent: a socket that was accepted is there.
    pub async fn subscribers(&self, session_id: u64, slice: Slice) -> Result<Vec<Subscriber>, StoreError> {
        self.query_all(self.subscribers_query(session_id, slice)).await
    }

    /// A room, if it fits one slice; otherwise its size, estimated from how far one slice's worth of places reaches.
    pub async fn list_or_estimate(&self, session_id: u64) -> Result<Subscribers, StoreError> {
        let query = self.subscribers_query(session_id, Slice::ALL).limit(SLICE as i32 + 1);
        let (places, more) = self.query_page::<Subscriber>(query).await?;
        match places.last() {
            Some(last) if more || places.len() > SLICE => {
                let reached = u64::from(keys::subscriber_bucket(&last.connection_id)) + 1;
                Ok(Subscribers::Estimated((places.len() as u64 * u64::from(BUCKETS) / reached) as usize))
            }
            _ => Ok(Subscribers::Listed(places)),
        }
    }

    /// One socket of a room, strongly consistent; `None` if it is not in it.
    pub async fn subscriber(&self, session_id: u64, connection_id: &str) -> Result<Option<Subscriber>, StoreError> {
        self.get(&self.connections, &keys::subscriber(session_id, connection_id), Consistency::Strong).await
    }

    /// The connection ids of a session's hosts and moderators, strongly consistent. Some may have closed.
    pub async fn staff_sockets(&self, session_id: u64) -> Result<Vec<String>, StoreError> {
        #[derive(Deserialize)]
        struct StaffRow {
            sk: String,
        }
        let query = self
            .client
            .query()
            .table_name(&self.connections)
            .key_condition_expression("pk = :staff")
            .expression_attribute_values(":staff", text(keys::staff(session_id)))
            .consistent_read(true);
        Ok(self.query_all::<StaffRow>(query).await?.into_iter().map(|row| row.sk).collect())
    }

    fn subscribers_query(
        &self,
        session_id: u64,
        slice: Slice,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.connections)
            .key_condition_expression("pk = :room AND sk BETWEEN :first AND :last")
            .projection_expression(SUBSCRIBER)
            // A reserved word.
            .expression_attribute_names("#batch", "batch")
            .expression_attribute_values(":room", text(keys::room(session_id)))
            .expression_attribute_values(":first", text(format!("{:04x}#", slice.first)))
            // `$` is the character after `#`.
            .expression_attribute_values(":last", text(format!("{:04x}$", slice.last)))
            .consistent_read(true)
    }

    /// Notes that a socket has every message up to a number and not the next one, and when it took something last. `false` if the
    /// socket is gone.
    pub async fn mark_lagging(
        &self,
        session_id: u64,
        connection_id: &str,
        complete_up_to: u64,
        took_ms: i64,
        changed: &BTreeSet<MessageId>,
    ) -> Result<bool, StoreError> {
        let changed = changed.iter().take(MAX_CHANGED).map(|id| number(id.as_u64())).collect();
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::subscriber(session_id, connection_id).attributes()))
            .update_expression("SET behind = :seq, behind_ms = :took, behind_changed = :changed")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":seq", number(complete_up_to))
            .expression_attribute_values(":took", number(took_ms))
            .expression_attribute_values(":changed", AttributeValue::L(changed));
        Ok(matches!(self.update(update).await?, WriteOutcome::Done(_)))
    }

    /// Notes that a socket has caught up.
    pub async fn mark_caught_up(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::subscriber(session_id, connection_id).attributes()))
            .update_expression("REMOVE behind, behind_ms, behind_changed")
            .condition_expression("attribute_exists(pk)");
        self.update(update).await.map(drop)
    }

    /// Adds frames to a socket's count for a minute; answers with how many it has now.
    pub async fn count_frames(&self, connection_id: &str, minute: i64, frames: u64) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        struct Counted {
            frames: u64,
        }
        let update = |expression: &str, condition: &str| {
            self.client
                .update_item()
                .table_name(&self.connections)
                .set_key(Some(keys::socket(connection_id).attributes()))
                .update_expression(expression)
                .condition_expression(condition)
                .expression_attribute_values(":frames", number(frames))
                .expression_attribute_values(":minute", number(minute))
                .return_values(aws_sdk_dynamodb::types::ReturnValue::UpdatedNew)
        };
        let same_minute = update("SET frames = frames + :frames", "frames_minute = :minute");
        let new_minute = update(
            "SET frames = :frames, frames_minute = :minute",
            "attribute_exists(pk) AND frames_minute <> :minute",
        );
        for attempt in [same_minute, new_minute] {
            if let WriteOutcome::Done(attributes) = self.update(attempt).await? {
                return Ok(crate::platform::dynamo::calls::parse::<Counted>(attributes)?.frames);
            }
        }
        Ok(frames)
    }

    /// Asks the broadcast to close a socket, which no handler may do.
    pub async fn request_close(&self, session_id: u64, connection_id: &str, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct CloseRow {
            asked_ms: i64,
            expires_at: i64,
        }
        let row = CloseRow { asked_ms: now.as_millisecond(), expires_at: now.as_second() + 3600 };
        let item = traced_item_of(&keys::close_request(session_id, connection_id), row);
        self.put(self.client.put_item().table_name(&self.chat).set_item(Some(item))).await.map(drop)
    }
}

fn expires_at(socket: &Socket) -> i64 {
    socket.connected_ms / 1000 + MAX_SOCKET_SECONDS
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
