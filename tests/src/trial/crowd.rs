//! Enough sockets in a room that the broadcast splits it into slices. Their rows are like any others, but without a connection: the
//! proxy accepts posts to them until they are gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use shared::domain::caller::Caller;
use shared::features::sockets::store::Socket;
use shared::features::sockets::store_subscribers::SLICE;
use shared::platform::dynamo::Store;

use crate::proxy::{Fate, ProxiedRequest};

/// Enough for two slices even without the clients of a run.
const CROWD: usize = SLICE + SLICE / 10;
/// The prefix of the crowd's connection ids.
const NAME: &str = "crowd-";
/// Rows that are written at once.
const AT_ONCE: usize = 16;

/// See the module. Clones are the same crowd.
#[derive(Clone, Default)]
pub struct Crowd {
    has_left: Arc<AtomicBool>,
    frames: Arc<AtomicU64>,
}

impl Crowd {
    /// Writes its rows as of a minute ago, so that no handshake is in progress.
    ///
    /// # Panics
    /// If the store refuses.
    pub async fn enter(&self, store: &Store, now: Timestamp) {
        let subscribed = (0..CROWD).map(|nth| async move {
            let socket = Socket {
                connection_id: format!("{NAME}{nth}"),
                session_id: 1,
                caller: Caller {
                    user_id: format!("{NAME}{nth}"),
                    username: "one of many".to_owned(),
                    expires_at: (now + SignedDuration::from_hours(24 * 365)).as_second(),
                    ..Caller::default()
                },
                connected_ms: (now - SignedDuration::from_mins(1)).as_millisecond(),
                // Plain sockets take one post per message, so that slices are slow.
                batch: nth.is_multiple_of(2),
                was_pruned: false,
            };
            store.subscribe(&socket).await.expect("a subscriber");
        });
        stream::iter(subscribed).buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// The fate of a request, if it is for a socket of the crowd.
    pub fn fate(&self, request: &ProxiedRequest) -> Option<Fate> {
        if !request.path.contains(&format!("/@connections/{NAME}")) {
            return None;
        }
        if self.has_left.load(Ordering::SeqCst) {
            return Some(Fate::Answer(410, String::new()));
        }
        self.frames.fetch_add(1, Ordering::SeqCst);
        Some(Fate::Answer(200, String::new()))
    }

    /// All sockets are gone, without a `$disconnect`.
    pub fn leave(&self) {
        self.has_left.store(true, Ordering::SeqCst);
    }

    /// How many frames were posted to it.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::SeqCst)
    }
}
