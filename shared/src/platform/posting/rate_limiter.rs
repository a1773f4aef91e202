//! Spreads calls of `@connections` evenly, so that a large room does not use up the account's requests for everybody else.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Gives out one place after another at an even rate.
pub(crate) struct RateLimiter {
    gap: Option<Duration>,
    next: Mutex<Instant>,
}

impl RateLimiter {
    /// A pace of so many posts a second; `None` does not slow anybody.
    pub(crate) fn new(posts_per_second: Option<u32>) -> RateLimiter {
        let gap = posts_per_second.map(|posts| Duration::from_secs(1) / posts.max(1));
        RateLimiter { gap, next: Mutex::new(Instant::now()) }
    }

    /// Waits for the next place.
    pub(crate) async fn wait(&self) {
        let Some(gap) = self.gap else { return };
        let place = {
            let mut next = self.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let place = (*next).max(Instant::now());
            *next = place + gap;
            place
        };
        tokio::time::sleep_until(place).await;
    }
}
