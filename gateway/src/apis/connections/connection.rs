//! One open socket as other parts see it: its client, a bounded queue towards it, and its end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::http::limits::Limits;

/// The cost of a queued frame besides its bytes, so that a million empty frames fill the queue, too.
const FRAME_COST: usize = 64;

/// The client of a socket: the same on all of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The connection's id: 16 characters of base64url that end in `=`.
    pub connection_id: String,
    /// When the handshake began.
    pub connected_at: Timestamp,
    /// The peer's address.
    pub source_ip: String,
    /// The `User-Agent` header, if there was one.
    pub user_agent: Option<String>,
    /// The host that the client asked for.
    pub domain_name: String,
    /// The authorizer's context, if there is an authorizer.
    pub authorizer: Option<serde_json::Value>,
}

/// Why a socket ended, as `$disconnect` reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// A close code of RFC 6455, 1005 and 1006 included.
    pub code: u16,
    /// The reason's text.
    pub reason: String,
}

impl Ending {
    /// An ending with this code and this reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Ending {
        Ending { code, reason: reason.into() }
    }

    /// The socket was idle or old, or the gateway shuts down.
    pub fn going_away() -> Ending {
        Ending::new(1001, "Going away")
    }

    /// `@connections` deleted the socket.
    pub fn deleted() -> Ending {
        Ending::new(1000, "Connection Closed Normally")
    }

    /// The network went away without a closing handshake.
    pub fn vanished() -> Ending {
        Ending::new(1006, "Connection Closed Abnormally")
    }
}

/// Why a frame was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// There is no such socket, it is closing, or its handshake is not answered yet.
    #[error("there is no such socket")]
    Gone,
    /// The reader is too slow: its queue is full.
    #[error("the socket's queue is full")]
    Full,
    /// The frame is larger than any message may be.
    #[error("the frame is too large")]
    TooLarge,
}

/// An item in the queue of a socket. A text keeps its share of the queue's bytes until it is written.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A text frame.
    Text(Utf8Bytes, OwnedSemaphorePermit),
    /// Everything before was written: the socket is to be closed.
    Close,
}

/// One open socket.
#[derive(Debug)]
pub struct Connection {
    /// Its client.
    pub client: Client,
    queue: mpsc::UnboundedSender<Outgoing>,
    queue_bytes: usize,
    space: Arc<Semaphore>,
    ending: OnceLock<Ending>,
    closing: Notify,
    opened: Instant,
    active_after_us: AtomicU64,
}

impl Connection {
    /// A socket whose queue holds so many bytes, and the receiver for its writer.
    pub(super) fn new(client: Client, queue_bytes: usize) -> (Connection, mpsc::UnboundedReceiver<Outgoing>) {
        let (queue, outgoing) = mpsc::unbounded_channel();
        let connection = Connection {
            client,
            queue,
            queue_bytes,
            space: Arc::new(Semaphore::new(queue_bytes)),
            ending: OnceLock::new(),
            closing: Notify::new(),
            opened: Instant::now(),
            active_after_us: AtomicU64::new(0),
        };
        (connection, outgoing)
    }

    /// Queues a text frame, or says at once that there is no space.
    ///
    /// # Errors
    /// [`PostError::Gone`] if the socket is closing, [`PostError::Full`] if too much waits for its reader.
    pub fn post(&self, text: Utf8Bytes) -> Result<(), PostError> {
        if self.ending.get().is_some() {
            return Err(PostError::Gone);
        }
        let cost = self.cost(&text);
        let share = Arc::clone(&self.space).try_acquire_many_owned(cost).map_err(|_| PostError::Full)?;
        self.queue.send(Outgoing::Text(text, share)).map_err(|_| PostError::Gone)
    }

    /// Queues a text frame as soon as there is space, for at most a given time.
    ///
    /// # Errors
    /// [`PostError::Gone`] if the socket is closing, [`PostError::Full`] if the time passed without space.
    pub async fn post_within(&self, text: Utf8Bytes, at_most: Duration) -> Result<(), PostError> {
        let space = Arc::clone(&self.space).acquire_many_owned(self.cost(&text));
        let share = tokio::time::timeout(at_most, space).await.map_err(|_| PostError::Full)?;
        let share = share.map_err(|_| PostError::Gone)?;
        self.queue.send(Outgoing::Text(text, share)).map_err(|_| PostError::Gone)
    }

    /// Closes the socket after its queue is written; the first reason stays.
    pub fn close(&self, ending: Ending) {
        if self.ending.set(ending).is_ok() {
            // If the writer is gone, the socket is closed already.
            let _ = self.queue.send(Outgoing::Close);
            self.closing.notify_one();
        }
    }

    /// When something last went over the socket, in either direction.
    pub fn last_active_at(&self) -> Timestamp {
        self.client.connected_at + Duration::from_micros(self.active_after_us.load(Ordering::Relaxed))
    }

    /// How long it is open.
    pub(super) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Why the socket is being closed from this side, if it is.
    pub(crate) fn requested_ending(&self) -> Option<&Ending> {
        self.ending.get()
    }

    /// Waits until the socket is to be closed. Only the socket's own task waits for it.
    pub(crate) async fn close_requested(&self) {
        self.closing.notified().await;
    }

    /// Something went over the socket: it is not idle.
    pub(crate) fn touch(&self) {
        self.active_after_us.store(self.opened.elapsed().as_micros() as u64, Ordering::Relaxed);
    }

    /// When the socket must end, unless something goes over it before.
    pub(crate) fn expires_at(&self, limits: &Limits) -> Instant {
        let active = self.opened + Duration::from_micros(self.active_after_us.load(Ordering::Relaxed));
        (active + limits.idle).min(self.opened + limits.lifetime)
    }

    fn cost(&self, text: &Utf8Bytes) -> u32 {
        (text.len() + FRAME_COST).min(self.queue_bytes) as u32
    }
}
