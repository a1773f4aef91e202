//! The rate limit of reactions as a sliding window: a user has 20 in any second (docs/contract.md, Limits).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::reactions::set::MAX_PER_CALL;
use crate::domain::time::SKEW_MS;

/// Reactions of a user in any window.
pub const MAX_PER_WINDOW: u64 = MAX_PER_CALL;
/// The length of the window, in milliseconds.
pub const WINDOW_MS: i64 = 1_000;

/// Reactions that were admitted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionRecord {
    /// The time of admission, in milliseconds since 1970.
    pub at: i64,
    /// So many.
    pub count: u64,
    /// A random number that identifies them.
    pub nonce: u64,
}

/// The decision on further reactions.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They may pass. Store this list.
    Pass(Vec<ReactionRecord>),
    /// They may pass after this time.
    Wait(Duration),
}

/// Judges reactions after the ones in `earlier`, in the order of admission.
pub fn judge(earlier: &[ReactionRecord], asked: ReactionRecord) -> Verdict {
    // What lies further ahead than clocks differ was admitted before a clock jumped back. It counts no more: a second is over soon.
    let counts = |record: &&ReactionRecord| (asked.at - WINDOW_MS + 1..=asked.at + SKEW_MS).contains(&record.at);
    let mut within: Vec<ReactionRecord> = earlier.iter().filter(counts).copied().collect();
    within.sort_by_key(|record| record.at);
    // A slow clock must not date reactions before earlier ones.
    let at = within.last().map_or(asked.at, |last| last.at.max(asked.at));
    let mut sum = asked.count + within.iter().map(|record| record.count).sum::<u64>();
    for record in &within {
        if sum <= MAX_PER_WINDOW {
            break;
        }
        sum -= record.count;
        if sum <= MAX_PER_WINDOW {
            let passes_at = record.at + WINDOW_MS;
            return Verdict::Wait(Duration::from_millis((passes_at - asked.at).max(1) as u64));
        }
    }
    within.push(ReactionRecord { at, ..asked });
    Verdict::Pass(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(at: i64, count: u64) -> ReactionRecord {
        ReactionRecord { at, count, nonce: at as u64 }
    }

    fn pass(verdict: Verdict) -> Vec<ReactionRecord> {
        match verdict {
            Verdict::Pass(list) => list,
            Verdict::Wait(wait) => panic!("expected a pass, not {wait:?}"),
        }
    }

    fn wait(ms: u64) -> Verdict {
        Verdict::Wait(Duration::from_millis(ms))
    }

    #[test]
    fn no_window_of_a_second_ever_holds_more_than_twenty() {
        let (mut list, mut admitted) = (Vec::new(), Vec::new());
        for now in (0..20_000).step_by(37) {
            let asked = asked(now, 1 + now as u64 % 7);
            if let Verdict::Pass(next) = judge(&list, asked) {
                list = next;
                admitted.push(asked);
            }
        }
        for (first, start) in admitted.iter().enumerate() {
            let within = admitted[first..].iter().filter(|record| record.at < start.at + WINDOW_MS);
            let sum: u64 = within.map(|record| record.count).sum();
            assert!(sum <= MAX_PER_WINDOW, "{sum} from {} on", start.at);
        }
        let sum: u64 = admitted.iter().map(|record| record.count).sum();
        assert!(sum >= 20 * 15, "the rate is used up, not halved: {sum}");
    }

    #[test]
    fn the_wait_ends_when_the_window_has_room() {
        let list = pass(judge(&pass(judge(&[], asked(0, 12))), asked(300, 8)));
        assert_eq!(judge(&list, asked(400, 1)), wait(600));
        assert_eq!(judge(&list, asked(400, 13)), wait(900), "both must have left the window");
        assert!(matches!(judge(&list, asked(999, 1)), Verdict::Wait(_)));
        assert_eq!(pass(judge(&list, asked(1_000, 12))).len(), 2);
        assert_eq!(judge(&pass(judge(&[], asked(0, 20))), asked(0, 20)), wait(1_000));
    }

    #[test]
    fn clocks_may_differ_and_jump() {
        let list = pass(judge(&[], asked(5_000, 20)));
        assert_eq!(judge(&list, asked(4_500, 20)), wait(1_500));
        assert_eq!(pass(judge(&pass(judge(&[], asked(5_000, 10))), asked(4_500, 10)))[1].at, 5_000);
        assert_eq!(pass(judge(&list, asked(1_000, 20))).len(), 1, "an hour back or four seconds: nobody waits for it");
    }
}
