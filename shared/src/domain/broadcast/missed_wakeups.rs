//! What a room may have missed. A change whose bell is lost is told by nobody: the stream gives a bell up that could not be
//! served for a minute. But until then it delivers nothing behind it, so a lost bell leaves a silence: a time in which no turn of
//! the broadcast ended well. Whoever comes after a silence looks for changes since.

/// A bell is given up at this age (`MaximumRecordAgeInSeconds`), less what a turn and a delivery may take.
const SILENCE_MS: i64 = 50_000;
/// A bell may have been on its way for this long when the silence began.
const ON_ITS_WAY_MS: i64 = 10_000;
/// Clocks differ by less than this: what seems to lie further in the future says nothing.
pub const CLOCKS_DIFFER_MS: i64 = 10_000;

/// From which time on changes may have been missed; `None` if bells came all the while. The last turn that ended well began at
/// `turn_ms`; changes up to `told_ms` were told. All are milliseconds since 1970.
pub fn missed_since(turn_ms: i64, told_ms: i64, now_ms: i64) -> Option<i64> {
    let turn_ms = not_ahead(turn_ms, now_ms);
    (now_ms - turn_ms >= SILENCE_MS).then(|| (turn_ms - ON_ITS_WAY_MS).max(not_ahead(told_ms, now_ms)))
}

/// A time that another machine's clock noted; 0 if that clock was far ahead, so that nothing waits until it is that late.
pub fn not_ahead(noted_ms: i64, now_ms: i64) -> i64 {
    if noted_ms > now_ms + CLOCKS_DIFFER_MS { 0 } else { noted_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_700_000_000_000;

    #[test]
    fn only_a_silence_as_long_as_a_bell_lives_may_hide_one() {
        assert_eq!(missed_since(NOON, 0, NOON + 49_999), None);
        assert_eq!(missed_since(NOON, 0, NOON + 50_000), Some(NOON - 10_000));
    }

    #[test]
    fn what_was_told_is_not_looked_for_again() {
        assert_eq!(missed_since(NOON, NOON - 200, NOON + 60_000), Some(NOON - 200));
        assert_eq!(missed_since(NOON, NOON - 60_000, NOON + 60_000), Some(NOON - 10_000));
    }

    #[test]
    fn a_clock_that_was_ahead_hides_nothing() {
        assert_eq!(missed_since(NOON + 3_600_000, NOON + 3_600_000, NOON), Some(0));
        assert_eq!(missed_since(NOON + 3_000, NOON, NOON), None);
        assert_eq!((not_ahead(NOON + 3_600_000, NOON), not_ahead(NOON + 3_000, NOON)), (0, NOON + 3_000));
    }
}
