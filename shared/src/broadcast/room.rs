//! A session's room during a turn.

use std::sync::Arc;

use crate::broadcast::context::Broadcast;
use crate::platform::posting::rate_limiter::RateLimiter;

/// A session's room. All posts of a turn share one rate limit.
#[derive(Clone)]
pub(super) struct Room {
    pub(super) broadcast: Broadcast,
    pub(super) session_id: u64,
    pub(super) rate_limiter: Arc<RateLimiter>,
}

impl Room {
    /// The room of a session, for one turn.
    pub(super) fn new(broadcast: Broadcast, session_id: u64) -> Room {
        let posts_per_second = broadcast.chat.config.sockets.posts_per_second;
        let rate_limiter = Arc::new(RateLimiter::new(posts_per_second, broadcast.management_api.pace()));
        Room { broadcast, session_id, rate_limiter }
    }

    /// The time, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.broadcast.chat.clock.now().as_millisecond()
    }
}
