//! The intervals of counters: a burst of changes is sent once, and its last value always arrives (docs/contract.md, Counters).

use std::time::Duration;

/// The shortest time between two updates of likes: max(250 ms, sockets / 1,000 s).
pub fn likes_interval(sockets: usize) -> Duration {
    Duration::from_millis(250).max(Duration::from_millis(sockets as u64))
}

/// The shortest time between two updates of viewers: max(1 s, sockets / 500 s).
pub fn viewers_interval(sockets: usize) -> Duration {
    Duration::from_secs(1).max(Duration::from_millis(2 * sockets as u64))
}

/// The rest of the interval for a value that was last sent at `sent_ms` (milliseconds since 1970). A time in the future comes from
/// another machine's clock and counts as now.
pub fn wait(sent_ms: i64, now_ms: i64, interval: Duration) -> Duration {
    let since = u64::try_from(now_ms - sent_ms).unwrap_or(0);
    interval.saturating_sub(Duration::from_millis(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow_with_the_room() {
        let ms = Duration::from_millis;
        assert_eq!((likes_interval(10), likes_interval(5000)), (ms(250), ms(5000)));
        assert_eq!((viewers_interval(10), viewers_interval(5000)), (ms(1000), ms(10_000)));
    }

    #[test]
    fn a_value_waits_for_the_rest_of_the_interval() {
        let ms = Duration::from_millis;
        assert_eq!(wait(0, 1_000_000, ms(250)), ms(0));
        assert_eq!(wait(1_000, 1_100, ms(250)), ms(150));
        assert_eq!(wait(9_000, 1_000, ms(250)), ms(250));
    }
}
