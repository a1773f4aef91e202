//! Missed wake-ups. The stream drops a record that could not be served for a minute, and with it the wake-up for a change. Until
//! then it delivers no later record of the shard, so a lost wake-up leaves a silence: a time whose records no turn has served. The
//! first turn after a silence looks for changes since.
//!
//! The silence begins with the oldest record of the last turn that ended well, not with that turn: what follows in the shard is
//! younger than that record, however long both had waited.

/// The age at which the stream drops a record (`MaximumRecordAgeInSeconds`), less the time of a turn and a delivery.
const SILENCE_MS: i64 = 50_000;
/// The time between a change by a function's clock and its record by the stream's clock.
const MAX_RECORD_DELAY_MS: i64 = 10_000;
/// Clocks differ by less than this. A time that lies further in the future means nothing.
pub const MAX_CLOCK_SKEW_MS: i64 = 10_000;

/// The time since which changes may have been missed; `None` if there was no silence. The last turn that ended well served a record of
/// `turn_ms` and later ones. Changes up to `flushed_ms` were flushed. All times are milliseconds since 1970.
pub fn missed_since(turn_ms: i64, flushed_ms: i64, now_ms: i64) -> Option<i64> {
    let turn_ms = zero_if_ahead(turn_ms, now_ms);
    (now_ms - turn_ms >= SILENCE_MS).then(|| (turn_ms - MAX_RECORD_DELAY_MS).max(zero_if_ahead(flushed_ms, now_ms)))
}

/// A time that another machine noted. It is 0 if that machine's clock was far ahead: otherwise everything that depends on it would
/// wait until then.
pub fn zero_if_ahead(noted_ms: i64, now_ms: i64) -> i64 {
    if noted_ms > now_ms + MAX_CLOCK_SKEW_MS { 0 } else { noted_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_700_000_000_000;

    #[test]
    fn only_a_silence_as_long_as_a_wake_up_lives_may_hide_one() {
        assert_eq!(missed_since(NOON, 0, NOON + 49_999), None);
        assert_eq!(missed_since(NOON, 0, NOON + 50_000), Some(NOON - 10_000));
    }

    #[test]
    fn flushed_changes_are_not_looked_for_again() {
        assert_eq!(missed_since(NOON, NOON - 200, NOON + 60_000), Some(NOON - 200));
        assert_eq!(missed_since(NOON, NOON - 60_000, NOON + 60_000), Some(NOON - 10_000));
    }

    #[test]
    fn a_clock_that_was_ahead_hides_nothing() {
        assert_eq!(missed_since(NOON + 3_600_000, NOON + 3_600_000, NOON), Some(0));
        assert_eq!(missed_since(NOON + 3_000, NOON, NOON), None);
        assert_eq!((zero_if_ahead(NOON + 3_600_000, NOON), zero_if_ahead(NOON + 3_000, NOON)), (0, NOON + 3_000));
    }
}
