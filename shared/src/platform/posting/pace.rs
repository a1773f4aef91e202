//! The pace of all posts of a process, which gives way to what `@connections` refuses.

use std::hash::Hasher;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use fnv::FnvHasher;
use tokio::time::Instant;

use crate::domain::broadcast::posting_rate::PostingRate;

/// Learns from the answer to each post. It outlives rooms and invocations.
#[derive(Debug)]
pub struct Pace {
    begun: Instant,
    rate: Mutex<PostingRate>,
}

/// A socket, as the pace tells it from others.
#[derive(Clone, Copy, Debug)]
pub(super) struct SocketMark(u64);

impl SocketMark {
    pub(super) fn of(connection_id: &str) -> SocketMark {
        let mut hasher = FnvHasher::default();
        hasher.write(connection_id.as_bytes());
        SocketMark(hasher.finish())
    }
}

impl Pace {
    /// A pace that nothing limits yet.
    pub(crate) fn new() -> Pace {
        Pace { begun: Instant::now(), rate: Mutex::default() }
    }

    /// The most posts a second; `None` unless `@connections` refused too many lately.
    pub(crate) fn limit(&self, now: Instant) -> Option<f64> {
        self.lock().limit(self.age(now))
    }

    /// Learns from the status that answers a post.
    pub(super) fn learn(&self, socket: SocketMark, status: u16, now: Instant) {
        let now = self.age(now);
        let lower = match status {
            200..=299 => {
                self.lock().accepted(socket.0, now);
                None
            }
            429 => self.lock().refused(socket.0, now),
            _ => None,
        };
        if let Some(rate) = lower {
            tracing::warn!(posts.per_second = rate as u64, "@connections refuses posts, so fewer are made");
        }
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.begun)
    }

    fn lock(&self) -> MutexGuard<'_, PostingRate> {
        self.rate.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
