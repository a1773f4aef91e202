//! How often a session of a host is looked after: hundreds of them may be open, and more have ended.

use jiff::Timestamp;

const HOUR_MS: i64 = 3_600_000;
/// A session that is over is looked after each minute for so long, and then each hour: what is left to do by then waits for hours anyway.
const EACH_MINUTE_MS: i64 = HOUR_MS;
/// A session that has been over for so long is not looked after any more. Acts on ended sessions may be taken back for a day.
const NO_MORE_AFTER_MS: i64 = 5 * 24 * HOUR_MS;

/// Whether a session is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    Now,
    /// In another minute.
    Later,
    NoMore,
}

/// Whether a session that ends at a time is looked after in this minute. Sessions that are over take different minutes of the hour.
pub(super) fn care_at(session_id: u64, end_ms: Option<i64>, now: Timestamp) -> Care {
    let over_ms = end_ms.map_or(0, |end_ms| now.as_millisecond() - end_ms);
    let is_its_minute = (now.as_second() / 60 - session_id as i64).rem_euclid(60) == 0;
    if over_ms > NO_MORE_AFTER_MS {
        Care::NoMore
    } else if over_ms <= EACH_MINUTE_MS || is_its_minute {
        Care::Now
    } else {
        Care::Later
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_is_over_is_looked_after_less_often_and_then_not_at_all() {
        let end = 1_700_000_000_000;
        let minutes_after = |minutes: i64| Timestamp::from_millisecond(end + minutes * 60_000).expect("a time");
        let care = |minutes| care_at(7, Some(end), minutes_after(minutes));
        for minutes in [-100, 0, 1, 60] {
            assert_eq!(care(minutes), Care::Now, "{minutes}");
        }
        let hour: Vec<Care> = (61..121).map(care).collect();
        assert_eq!(hour.iter().filter(|care| **care == Care::Now).count(), 1);
        assert_eq!(hour.iter().filter(|care| **care == Care::Later).count(), 59);
        assert_eq!(care(5 * 24 * 60 + 1), Care::NoMore);
        assert_eq!(care_at(7, None, minutes_after(10_000)), Care::Now);
    }
}
