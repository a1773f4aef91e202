//! The rate limit of messages as a sliding window: a user has a limit in any 60 seconds.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::SKEW_MS;

/// The length of the window, in milliseconds.
pub const WINDOW_MS: i64 = 60_000;

/// An admitted send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRecord {
    /// The time of admission, in milliseconds since 1970.
    pub at: i64,
    /// A short hash of its `client_message_id`, if it has one. It identifies duplicates that run at the same time, which do not count
    /// again.
    pub key: Option<String>,
    /// A random number that identifies the send.
    #[serde(default, rename = "lot")]
    pub nonce: u64,
}

/// The decision on one more send.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The send may pass. Store this list.
    Pass(Vec<SendRecord>),
    /// A send with the same key passed within the window. This one is its duplicate and does not count.
    Duplicate,
    /// The send may pass after this time.
    Wait(Duration),
    /// The clock has jumped back, so earlier sends lie in the future. Store this list, then judge again.
    ClockJumpedBack(Vec<SendRecord>),
}

/// Judges a send after the ones in `earlier`, which may have any order. The limit is at least 1. The time is that of the send, from
/// the clock of its function.
pub fn judge(earlier: &[SendRecord], limit: usize, send: &SendRecord) -> Verdict {
    let now = send.at;
    if earlier.iter().any(|sent| sent.at > now + SKEW_MS) {
        // They count for a whole window from now on, so the limit holds. The new times are stored: otherwise the window would start
        // over with each judgement.
        return Verdict::ClockJumpedBack(
            earlier.iter().map(|sent| SendRecord { at: sent.at.min(now), ..sent.clone() }).collect(),
        );
    }
    let mut within: Vec<SendRecord> = earlier.iter().filter(|sent| sent.at > now - WINDOW_MS).cloned().collect();
    if send.key.is_some() && within.iter().any(|sent| sent.key == send.key) {
        return Verdict::Duplicate;
    }
    within.sort_by_key(|sent| sent.at);
    if within.len() >= limit {
        let passes_at = within[within.len() - limit].at + WINDOW_MS;
        return Verdict::Wait(Duration::from_millis((passes_at - now).clamp(1, WINDOW_MS) as u64));
    }
    // A slow clock must not date a send before an earlier one: the list stays in order of admission.
    let at = within.last().map_or(now, |last| last.at.max(now));
    within.push(SendRecord { at, ..send.clone() });
    Verdict::Pass(within)
}

/// Judges a duplicate that replaces its earlier sends, because none of them finished. It counts from now on instead of them. They
/// share their key, so at most one of them can be stored.
pub fn judge_duplicate(earlier: &[SendRecord], limit: usize, send: &SendRecord) -> Verdict {
    let others: Vec<SendRecord> = earlier.iter().filter(|sent| sent.key != send.key).cloned().collect();
    match judge(&others, limit, send) {
        // A list whose times are corrected first keeps all its sends.
        Verdict::ClockJumpedBack(_) => judge(earlier, limit, send),
        verdict => verdict,
    }
}

/// The sends without the one with this nonce; `None` if it is not among them.
pub fn withdraw(mut sends: Vec<SendRecord>, nonce: u64) -> Option<Vec<SendRecord>> {
    let withdrawn = sends.iter().position(|sent| sent.nonce == nonce)?;
    sends.remove(withdrawn);
    Some(sends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(at: i64, key: Option<&str>) -> SendRecord {
        SendRecord { at, key: key.map(str::to_owned), nonce: at as u64 }
    }

    fn pass(verdict: Verdict) -> Vec<SendRecord> {
        match verdict {
            Verdict::Pass(list) => list,
            other => panic!("expected a pass, got {other:?}"),
        }
    }

    #[test]
    fn nobody_waits_for_longer_than_the_window_after_a_clock_jumped_back() {
        let jumped = send(3_600_000, None);
        let Verdict::ClockJumpedBack(list) = judge(&[jumped], 1, &send(1_000, None)) else {
            panic!("it is an hour ahead")
        };
        assert_eq!(judge(&list, 1, &send(1_000, None)), Verdict::Wait(Duration::from_millis(60_000)));
        assert_eq!(judge(&list, 1, &send(60_999, None)), Verdict::Wait(Duration::from_millis(1)));
        assert_eq!(pass(judge(&list, 1, &send(61_000, None))).len(), 1);
    }

    #[test]
    fn clocks_that_differ_a_little_do_not_make_a_send_older() {
        assert_eq!(judge(&[send(5_000, None)], 1, &send(4_500, None)), Verdict::Wait(Duration::from_millis(60_000)));
        assert_eq!(pass(judge(&[send(5_000, None)], 2, &send(4_500, None)))[1].at, 5_000);
    }

    #[test]
    fn no_window_of_a_minute_ever_holds_more_than_the_limit() {
        let (mut list, mut accepted) = (Vec::new(), Vec::new());
        for now in (0..300_000).step_by(700) {
            if let Verdict::Pass(next) = judge(&list, 10, &send(now, None)) {
                list = next;
                accepted.push(now);
            }
        }
        for (i, start) in accepted.iter().enumerate() {
            let within = accepted[i..].iter().filter(|at| **at < start + WINDOW_MS).count();
            assert!(within <= 10, "{within} from {start} on");
        }
        assert_eq!(accepted.len(), 50, "and a full minute's worth passes in every minute");
    }

    #[test]
    fn the_wait_ends_when_the_window_has_room() {
        let mut list = Vec::new();
        for now in [0, 1_000, 2_000] {
            list = pass(judge(&list, 3, &send(now, None)));
        }
        assert_eq!(judge(&list, 3, &send(10_000, None)), Verdict::Wait(Duration::from_millis(50_000)));
        assert!(matches!(judge(&list, 3, &send(59_999, None)), Verdict::Wait(_)));
        assert_eq!(pass(judge(&list, 3, &send(60_000, None))).len(), 3);
    }

    #[test]
    fn a_duplicate_is_not_counted() {
        let list = pass(judge(&[], 1, &send(0, Some("k"))));
        assert_eq!(judge(&list, 1, &send(5, Some("k"))), Verdict::Duplicate);
        assert!(matches!(judge(&list, 1, &send(5, Some("other"))), Verdict::Wait(_)));
    }

    #[test]
    fn a_duplicate_that_replaces_its_earlier_sends_counts_once_from_then_on() {
        let list = pass(judge(&[send(0, Some("k")), send(1, None)], 3, &send(2, Some("other"))));
        let list = pass(judge_duplicate(&list, 3, &send(59_000, Some("k"))));
        assert_eq!(list, [send(1, None), send(2, Some("other")), send(59_000, Some("k"))]);
        let full = [send(10_000, None)];
        assert_eq!(judge_duplicate(&full, 1, &send(61_000, Some("k"))), Verdict::Wait(Duration::from_millis(9_000)));
    }

    #[test]
    fn only_the_send_with_the_nonce_is_withdrawn() {
        let list = vec![send(1, None), send(2, None), send(3, Some("k"))];
        assert_eq!(withdraw(list.clone(), 1).unwrap(), [send(2, None), send(3, Some("k"))]);
        assert_eq!(withdraw(list, 4), None);
    }
}
