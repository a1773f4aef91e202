//! When an event that a receiver did not take is sent again, and when it is given up.

use jiff::{SignedDuration, Timestamp};

/// An event is tried again for so long.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// The wait after the first failure. Each further one doubles it,
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// up to this.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// What was given up is kept for so long, and can be sent again.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What becomes of an event after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again at this time.
    Again(Timestamp),
    /// It is given up.
    Dead,
}

/// What becomes of an event that was due first at a time, and has failed so many times.
pub fn after(failures: u32, due_first: Timestamp, now: Timestamp) -> Next {
    if now.duration_since(due_first) >= TRIED_FOR {
        return Next::Dead;
    }
    let doublings = failures.saturating_sub(1).min(6);
    Next::Again(now + (FIRST_WAIT * (1 << doublings)).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_to_an_hour_and_end_after_a_day() {
        let begin: Timestamp = "2026-01-05T19:30:00Z".parse().unwrap();
        let (mut now, mut waits) = (begin, Vec::new());
        while let Next::Again(at) = after(waits.len() as u32 + 1, begin, now) {
            waits.push((at - now).total(jiff::Unit::Minute).unwrap() as i64);
            now = at;
        }
        assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        // The last one begins within the day.
        assert_eq!((waits.len(), waits.iter().sum::<i64>()), (29, 63 + 23 * 60));
        assert_eq!(after(1, begin, begin + SignedDuration::from_hours(24)), Next::Dead);
    }
}
