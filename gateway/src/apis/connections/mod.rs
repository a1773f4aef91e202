//! The open sockets by their ids, each with a bounded queue, so that a post never waits for a reader.

mod connection;
mod rate;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

pub(crate) use connection::Outgoing;
pub use connection::{Client, Connection, Ending, PostError};
use rate::Rate;

use crate::http::limits::Limits;

/// All open sockets. The lock is held for a look-up only, never across an await.
#[derive(Debug)]
pub struct Connections {
    open: RwLock<HashMap<String, Arc<Connection>>>,
    queue_bytes: usize,
    message_bytes: usize,
    rate: Mutex<Rate>,
    /// Milliseconds of all sockets that have ended.
    ended_ms: AtomicU64,
}

impl Connections {
    /// No sockets yet.
    pub fn new(limits: &Limits) -> Connections {
        Connections {
            open: RwLock::default(),
            queue_bytes: limits.outgoing_bytes.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize),
            message_bytes: limits.message_bytes,
            rate: Mutex::new(Rate::new(limits.management_requests_per_second)),
            ended_ms: AtomicU64::new(0),
        }
    }

    /// Queues a text frame for a socket.
    ///
    /// # Errors
    /// [`PostError`] says why it is not queued.
    pub fn post(&self, connection_id: &str, text: Utf8Bytes) -> Result<(), PostError> {
        if text.len() > self.message_bytes {
            return Err(PostError::TooLarge);
        }
        self.get(connection_id).ok_or(PostError::Gone)?.post(text)
    }

    /// An open socket; one that is closing is open no longer.
    pub fn get(&self, connection_id: &str) -> Option<Arc<Connection>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(connection_id).filter(|connection| connection.requested_ending().is_none()).cloned()
    }

    /// Closes a socket with 1000; `false` if there is none.
    pub fn delete(&self, connection_id: &str) -> bool {
        self.get(connection_id).map(|connection| connection.close(Ending::deleted())).is_some()
    }

    /// How many sockets are open.
    pub fn count(&self) -> usize {
        self.open.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// How long all sockets that have ended were open, together.
    pub fn ended(&self) -> Duration {
        Duration::from_millis(self.ended_ms.load(Ordering::Relaxed))
    }

    /// Whether `@connections` may take one more request in this second.
    pub(crate) fn admits_request(&self) -> bool {
        self.rate.lock().unwrap_or_else(PoisonError::into_inner).admits(Instant::now())
    }

    /// From now on the socket can be posted to.
    pub(crate) fn open(&self, client: Client) -> (Arc<Connection>, mpsc::UnboundedReceiver<Outgoing>) {
        let (connection, outgoing) = Connection::new(client, self.queue_bytes);
        let connection = Arc::new(connection);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(connection.client.connection_id.clone(), Arc::clone(&connection));
        (connection, outgoing)
    }

    /// From now on the socket is gone.
    pub(crate) fn remove(&self, connection_id: &str) {
        let removed = self.open.write().unwrap_or_else(PoisonError::into_inner).remove(connection_id);
        if let Some(connection) = removed {
            self.ended_ms.fetch_add(connection.age().as_millis() as u64, Ordering::Relaxed);
        }
    }
}

/// An id as API Gateway makes them, for connections, requests and messages: 16 characters, the last one `=`.
pub(crate) fn new_id() -> String {
    URL_SAFE.encode(rand::random::<[u8; 11]>())
}
