//! A session's room during a turn.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::broadcast::context::Broadcast;
use crate::platform::posting::rate_limiter::RateLimiter;

/// Table calls for lagging sockets at once. Each may hold a connection, and a function has 1,024 file descriptors (AWS Lambda's quotas),
/// so a whole room that lags must not ask at once.
const TABLE_CALLS: usize = 64;
/// Posts to lagging sockets at once, for the same reason. Many may hang, and those must not keep the others waiting.
const POSTS: usize = 512;

/// A session's room. All posts of a turn share one rate limit.
#[derive(Clone)]
pub(super) struct Room {
    pub(super) broadcast: Broadcast,
    pub(super) session_id: u64,
    pub(super) rate_limiter: Arc<RateLimiter>,
    table_calls: Arc<Semaphore>,
    posts: Arc<Semaphore>,
}

impl Room {
    /// The room of a session, for one turn.
    pub(super) fn new(broadcast: Broadcast, session_id: u64) -> Room {
        let posts_per_second = broadcast.chat.config.sockets.posts_per_second;
        let rate_limiter = Arc::new(RateLimiter::new(posts_per_second, broadcast.management_api.pace()));
        let (table_calls, posts) = (Arc::new(Semaphore::new(TABLE_CALLS)), Arc::new(Semaphore::new(POSTS)));
        Room { broadcast, session_id, rate_limiter, table_calls, posts }
    }

    /// Waits until another table call for a lagging socket may begin. It ends when the permit is dropped.
    pub(super) async fn table_call(&self) -> SemaphorePermit<'_> {
        permit(&self.table_calls).await
    }

    /// Waits until another post to a lagging socket may begin. It ends when the permit is dropped.
    pub(super) async fn post(&self) -> SemaphorePermit<'_> {
        permit(&self.posts).await
    }

    /// The time, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.broadcast.chat.clock.now().as_millisecond()
    }
}

async fn permit(semaphore: &Semaphore) -> SemaphorePermit<'_> {
    semaphore.acquire().await.expect("a room's semaphores are never closed")
}
