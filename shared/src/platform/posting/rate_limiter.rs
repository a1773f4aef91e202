//! Spreads calls to `@connections` evenly, so that a large room leaves the rest of the account's requests to others.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Lets calls pass at an even rate.
pub(crate) struct RateLimiter {
    interval: Option<Duration>,
    next: Mutex<Instant>,
}

impl RateLimiter {
    /// A limiter for this many posts a second; `None` lifts the limit.
    pub(crate) fn new(posts_per_second: Option<u32>) -> RateLimiter {
        let interval = posts_per_second.map(|posts| Duration::from_secs(1) / posts.max(1));
        RateLimiter { interval, next: Mutex::new(Instant::now()) }
    }

    /// Waits until the next call may pass.
    pub(crate) async fn wait(&self) {
        let Some(interval) = self.interval else { return };
        let slot = {
            let mut next = self.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let slot = (*next).max(Instant::now());
            *next = slot + interval;
            slot
        };
        tokio::time::sleep_until(slot).await;
    }
}
