//! Spreads calls to `@connections` evenly, so that a large room leaves the rest of the account's requests to others.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::pace::Pace;

/// Lets calls pass at an even rate: the configured one, or less while `@connections` takes less.
pub(crate) struct RateLimiter {
    configured: Option<f64>,
    pace: Arc<Pace>,
    next: Mutex<Instant>,
}

impl RateLimiter {
    /// A limiter for this many posts a second; `None` lifts the limit.
    pub(crate) fn new(posts_per_second: Option<u32>, pace: Arc<Pace>) -> RateLimiter {
        let configured = posts_per_second.map(|posts| f64::from(posts.max(1)));
        RateLimiter { configured, pace, next: Mutex::new(Instant::now()) }
    }

    /// Waits until the next call may pass.
    pub(crate) async fn wait(&self) {
        if let Some(slot) = self.next_slot(Instant::now()) {
            tokio::time::sleep_until(slot).await;
        }
    }

    /// When the next call may pass; `None` if at once, whatever calls there were.
    fn next_slot(&self, now: Instant) -> Option<Instant> {
        let rate = match (self.configured, self.pace.limit(now)) {
            (Some(configured), Some(limit)) => configured.min(limit),
            (configured, limit) => configured.or(limit)?,
        };
        let mut next = self.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let slot = (*next).max(now);
        *next = slot + Duration::from_secs_f64(1.0 / rate);
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::super::pace::SocketMark;
    use super::*;

    /// How long so many calls wait, if each is made when the one before has passed.
    fn time_of(limiter: &RateLimiter, calls: u32, from: Instant) -> f64 {
        let passed = (0..calls).fold(from, |now, _| limiter.next_slot(now).unwrap_or(now));
        (passed - from).as_secs_f64()
    }

    /// Two seconds with a thousand accepted posts each, out of three thousand.
    fn refuse(pace: &Pace, from: Instant) -> Instant {
        let mut now = from;
        for post in 0..6_000_u32 {
            let (socket, is_accepted) = (SocketMark::of(&format!("socket {}", post % 500)), post % 3 == 0);
            pace.learn(socket, if is_accepted { 200 } else { 429 }, now);
            now += Duration::from_micros(333);
        }
        now
    }

    #[test]
    fn calls_pass_at_the_configured_rate_or_at_once() {
        let limiter = |posts| RateLimiter::new(posts, Arc::new(Pace::new()));
        let now = Instant::now();
        assert_eq!(time_of(&limiter(None), 1_000, now), 0.0);
        let time = time_of(&limiter(Some(100)), 101, now);
        assert!((0.999..1.001).contains(&time), "{time}");
        assert!((time_of(&limiter(Some(0)), 2, now) - 1.0).abs() < 0.001, "never no call at all");
    }

    #[test]
    fn lasting_refusals_slow_every_limiter_and_a_minute_later_none() {
        let pace = Arc::new(Pace::new());
        let [configured, free] = [Some(2_000), None].map(|posts| RateLimiter::new(posts, Arc::clone(&pace)));
        let now = refuse(&pace, Instant::now());
        let limit = pace.limit(now).expect("it is lowered");
        assert!((500.0..2_000.0).contains(&limit), "{limit}");
        for limiter in [&configured, &free] {
            let time = time_of(limiter, 501, now);
            assert!(time > 0.9 * 500.0 / limit, "500 posts took {time} s at {limit} a second");
        }
        let later = now + Duration::from_secs(61);
        let time = time_of(&configured, 501, later);
        assert!((0.249..0.251).contains(&time), "{time}");
        assert_eq!(time_of(&free, 501, later), 0.0);
    }

    #[test]
    fn other_failures_are_not_the_rates() {
        let (pace, now) = (Pace::new(), Instant::now());
        for post in 0..6_000_u32 {
            let status = [500, 503, 410, 400, 413, 403][post as usize % 6];
            pace.learn(SocketMark::of(&post.to_string()), status, now + Duration::from_millis(u64::from(post)));
        }
        assert_eq!(pace.limit(now + Duration::from_secs(6)), None);
    }
}
