//! Backpressure: a socket without `batch=1` takes a post for every message, so a room of them can receive only so many messages a
//! second. Senders may be ahead of the broadcast by as much as it can flush within a few seconds, and no further. That keeps the
//! delay under 5 s, however fast they send (docs/contract.md, Delivery).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The time in which the broadcast flushes the window of its senders, in seconds. The flush that is under way when a message is sent
/// comes on top.
const WINDOW_SECONDS: f64 = 3.0;
/// The longest time of one flush, in seconds. It is short so that the window moves often.
const FLUSH_SECONDS: f64 = 0.5;
/// A flush with fewer posts is too small to measure the rate.
const MIN_MEASURED_POSTS: usize = 200;
/// A window of at least this many messages is not enforced while few messages wait: senders do not fill it within one flush.
const WIDE_WINDOW: u64 = 100;

/// A room as the last flush found it, and the limit of its senders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backpressure {
    /// Sockets that take a post for every message.
    #[serde(default)]
    pub plain: usize,
    /// Sockets that take a post for every flush.
    #[serde(default)]
    pub batched: usize,
    /// The measured rate, in posts a second; 0 before the first measurement.
    #[serde(default)]
    pub measured: u64,
    /// The last number that senders may allocate, as it was set last; `None` if there is no limit.
    #[serde(default)]
    pub admitted: Option<u64>,
}

impl Backpressure {
    /// Learns from one flush: its sockets, its posts and its duration.
    pub fn learn(&mut self, plain: usize, batched: usize, posts: usize, duration: Duration) {
        (self.plain, self.batched) = (plain, batched);
        if posts >= MIN_MEASURED_POSTS {
            let rate = (posts as f64 / duration.as_secs_f64().max(0.001)).max(1.0) as u64;
            self.measured = if self.measured == 0 { rate } else { (self.measured + rate) / 2 };
        }
    }

    /// The number of sockets of the last flush.
    pub fn sockets(&self) -> usize {
        self.plain + self.batched
    }

    /// The number of messages that one flush may take, at least 1. `allowed` limits the posts a second.
    pub fn max_messages_per_flush(&self, allowed: Option<u32>) -> usize {
        let Some(rate) = self.rate(allowed) else { return usize::MAX };
        let posts = (FLUSH_SECONDS * rate - self.batched as f64).max(0.0);
        ((posts / self.plain as f64) as usize).max(1)
    }

    /// The number of messages by which senders may be ahead of the broadcast, at least 1. `None` if no limit is needed while
    /// `waiting` messages wait.
    pub fn window(&self, allowed: Option<u32>, waiting: usize) -> Option<u64> {
        let rate = self.rate(allowed)?;
        let flushes = WINDOW_SECONDS / FLUSH_SECONDS;
        let posts = (WINDOW_SECONDS * rate - flushes * self.batched as f64).max(0.0);
        let window = ((posts / self.plain as f64) as u64).max(1);
        let is_needed = window < WIDE_WINDOW || waiting as u64 >= window / 4;
        is_needed.then_some(window)
    }

    /// The new limit of the senders now that the broadcast has settled `seq`, if it is to be written: `Some(None)` lifts the limit.
    /// Most rooms need none. A limit moves once more than a quarter of its window has passed.
    pub fn new_admission(&self, allowed: Option<u32>, waiting: usize, seq: u64) -> Option<Option<u64>> {
        let wanted = self.window(allowed, waiting).map(|window| (window, seq + window));
        match (self.admitted, wanted) {
            (None, None) => None,
            (Some(admitted), Some((window, up_to))) if up_to.abs_diff(admitted) <= window / 4 => None,
            (_, wanted) => Some(wanted.map(|(_, up_to)| up_to)),
        }
    }

    /// The posts a second that the room really gets; `None` if nothing limits them or no socket is plain.
    fn rate(&self, allowed: Option<u32>) -> Option<f64> {
        let allowed = allowed.filter(|_| self.plain > 0).map(f64::from)?;
        Some(if self.measured == 0 { allowed } else { allowed.min(self.measured as f64) })
    }
}

/// The time after which a sender that the window refused may try again: about half of the window has been flushed by then. `jitter`,
/// from 0 to 1, spreads the senders.
pub fn retry_after(jitter: f64) -> Duration {
    Duration::from_secs_f64(WINDOW_SECONDS / 4.0 + jitter.clamp(0.0, 1.0) * WINDOW_SECONDS / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    const ALLOWED: Option<u32> = Some(7_500);

    fn room(plain: usize, batched: usize, posts: usize) -> Backpressure {
        let mut backpressure = Backpressure::default();
        backpressure.learn(plain, batched, posts, SECOND);
        backpressure
    }

    #[test]
    fn a_large_plain_room_lets_senders_be_ahead_by_three_seconds() {
        let large = room(500, 0, 7_500);
        assert_eq!((large.max_messages_per_flush(ALLOWED), large.window(ALLOWED, 0)), (7, Some(45)));
        let larger = room(10_000, 0, 7_500);
        assert_eq!((larger.max_messages_per_flush(ALLOWED), larger.window(ALLOWED, 0)), (1, Some(2)));
        assert_eq!(room(1_000_000, 0, 7_500).window(ALLOWED, 0), Some(1), "one message may always be sent");
    }

    #[test]
    fn sockets_that_batch_need_no_window_but_take_their_posts() {
        let batched = room(0, 10_000, 7_500);
        assert_eq!((batched.max_messages_per_flush(ALLOWED), batched.window(ALLOWED, 1_000)), (usize::MAX, None));
        let mixed = room(500, 2_500, 7_500);
        assert_eq!((mixed.max_messages_per_flush(ALLOWED), mixed.window(ALLOWED, 0)), (2, Some(15)));
    }

    #[test]
    fn a_small_room_has_a_window_only_while_much_waits() {
        let small = room(20, 0, 7_500);
        assert_eq!((small.window(ALLOWED, 10), small.window(ALLOWED, 300)), (None, Some(1_125)));
    }

    #[test]
    fn an_admission_is_moved_once_a_quarter_of_its_window_has_passed() {
        let mut large = room(500, 0, 7_500);
        assert_eq!(large.new_admission(ALLOWED, 0, 100), Some(Some(145)));
        large.admitted = Some(145);
        assert_eq!(large.new_admission(ALLOWED, 0, 111), None);
        assert_eq!(large.new_admission(ALLOWED, 0, 112), Some(Some(157)));
        assert_eq!(large.new_admission(None, 0, 112), Some(None), "the limit was lifted");
        assert_eq!(room(20, 0, 7_500).new_admission(ALLOWED, 0, 100), None);
    }

    #[test]
    fn the_rate_is_the_measured_one_but_never_above_the_allowed_one() {
        assert_eq!(room(500, 0, 100_000).window(ALLOWED, 0), Some(45));
        assert_eq!(room(500, 0, 1_000).window(ALLOWED, 0), Some(6));
        assert_eq!(room(500, 0, 100).window(ALLOWED, 0), Some(45), "a few posts say nothing");
    }

    #[test]
    fn without_a_limit_of_posts_no_sender_is_slowed() {
        let local = room(10_000, 0, 25_000);
        assert_eq!((local.max_messages_per_flush(None), local.window(None, 1_000)), (usize::MAX, None));
    }

    #[test]
    fn refused_senders_are_spread_over_a_second_and_a_half() {
        assert_eq!((retry_after(0.0), retry_after(1.0)), (Duration::from_millis(750), Duration::from_millis(2_250)));
    }
}
