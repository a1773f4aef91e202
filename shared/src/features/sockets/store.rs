//! Sockets by connection id: the row that a frame is looked up by. The row in the room is in [`super::store_subscribers`].

use serde::{Deserialize, Serialize};

use crate::domain::caller::Caller;
use crate::features::presence::store_uncounted::Counting;
use crate::platform::dynamo::calls::{Consistency, item_of};
use crate::platform::dynamo::{Store, StoreError, keys};

/// The lifetime of a socket's rows. API Gateway closes any socket after two hours, so this removes sockets whose end was not noticed.
const MAX_SOCKET_SECONDS: i64 = 3 * 3600;

/// An open socket, as its frames need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    /// API Gateway's connection id.
    pub connection_id: String,
    /// The session of its room.
    pub session_id: u64,
    /// The caller that opened it.
    pub caller: Caller,
    /// The time of its opening, in milliseconds since 1970.
    pub connected_ms: i64,
    /// Whether it asked for `batch=1`.
    pub batch: bool,
    /// Whether it was removed from the room because it seemed dead. Its next frame proves that it is not.
    #[serde(default)]
    #[serde(rename = "lost_its_place")]
    pub was_pruned: bool,
}

impl Socket {
    /// `expires_at` of the socket's rows.
    pub(super) fn expires_at(&self) -> i64 {
        self.connected_ms / 1000 + MAX_SOCKET_SECONDS
    }
}

impl Store {
    /// Writes all rows of a socket. The row by connection id comes first: without it, a subscriber could never be restored.
    pub async fn put_socket(&self, socket: &Socket) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct SocketRow<'a> {
            #[serde(flatten)]
            socket: &'a Socket,
            expires_at: i64,
        }
        let row = SocketRow { socket, expires_at: socket.expires_at() };
        let put = self.client.put_item().table_name(&self.connections);
        self.put(put.set_item(Some(item_of(&keys::socket(&socket.connection_id), row)))).await?;
        self.subscribe(socket).await
    }

    /// The socket with this connection id. An eventually consistent read comes first: it costs half, and the row hardly changes.
    pub async fn socket(&self, connection_id: &str) -> Result<Option<Socket>, StoreError> {
        let key = keys::socket(connection_id);
        match self.get(&self.connections, &key, Consistency::Eventual).await? {
            Some(socket) => Ok(Some(socket)),
            None => self.get(&self.connections, &key, Consistency::Strong).await,
        }
    }

    /// Removes everything about a socket that has closed: its user has one socket less, and the room and the list of staff lose it.
    pub async fn forget_socket(
        &self,
        session_id: u64,
        counting: Counting,
        user_id: &str,
        connection_id: &str,
        is_staff: bool,
    ) -> Result<(), StoreError> {
        self.dismiss_socket(session_id, counting, user_id, connection_id).await?;
        self.delete_socket(session_id, connection_id).await?;
        if is_staff { self.delete_staff_socket(session_id, connection_id).await } else { Ok(()) }
    }

    /// Removes the rows of a socket that has closed, that in the room first.
    pub async fn delete_socket(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        self.unsubscribe(session_id, connection_id).await?;
        let delete = self.client.delete_item().table_name(&self.connections);
        self.delete(delete.set_key(Some(keys::socket(connection_id).attributes()))).await.map(drop)
    }
}
