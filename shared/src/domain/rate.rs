//! The rate limit as a sliding minute: in any 60 seconds, no more than so many messages of one user.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::SKEW_MS;

/// Length of the window in milliseconds.
pub const WINDOW_MS: i64 = 60_000;

/// One accepted send: when, and which `client_message_id` it carried (as a short hash), so that a repeat of it that
/// runs at the same time is not counted again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRecord {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Hash of the `client_message_id`, if it had one.
    pub key: Option<String>,
    /// Drawn by lot for each send: tells whose entry it is.
    #[serde(default, rename = "lot")]
    pub nonce: u64,
}

/// What the limit says to one more send.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass; this is the list to keep.
    Pass(Vec<SendRecord>),
    /// A send with the same key passed within the window: this one is its repeat and is not counted.
    Repeat,
    /// It may not pass before this long.
    Wait(Duration),
    /// The clock has jumped back, and the list is ahead of it: keep this one, and ask again.
    Ahead(Vec<SendRecord>),
}

/// Judges one more send at its time (`now`, as its function's clock has it) after the ones in `earlier` (in any order), for a
/// limit of at least 1.
pub fn judge(earlier: &[SendRecord], limit: usize, send: &SendRecord) -> Verdict {
    let now = send.at;
    if earlier.iter().any(|sent| sent.at > now + SKEW_MS) {
        // From now on they count for a whole window, so that none passes too many. They are kept like this, or they would be
        // just as young each time that somebody asks.
        return Verdict::Ahead(
            earlier.iter().map(|sent| SendRecord { at: sent.at.min(now), ..sent.clone() }).collect(),
        );
    }
    let mut within: Vec<SendRecord> = earlier.iter().filter(|sent| sent.at > now - WINDOW_MS).cloned().collect();
    if send.key.is_some() && within.iter().any(|sent| sent.key == send.key) {
        return Verdict::Repeat;
    }
    within.sort_by_key(|sent| sent.at);
    if within.len() >= limit {
        let frees_a_place = within[within.len() - limit].at + WINDOW_MS;
        return Verdict::Wait(Duration::from_millis((frees_a_place - now).clamp(1, WINDOW_MS) as u64));
    }
    // A clock that lags behind must not put a send into the past: the list stays in order of acceptance.
    let at = within.last().map_or(now, |last| last.at.max(now));
    within.push(SendRecord { at, ..send.clone() });
    Verdict::Pass(within)
}

/// Judges a repeat whose earlier sends did not finish, and which is to be stored now: it counts from now on, in their place. At most
/// one of them can be stored, for they share their key.
pub fn judge_duplicate(earlier: &[SendRecord], limit: usize, send: &SendRecord) -> Verdict {
    let others: Vec<SendRecord> = earlier.iter().filter(|sent| sent.key != send.key).cloned().collect();
    match judge(&others, limit, send) {
        // Nothing may be lost of a list that is not judged yet.
        Verdict::Ahead(_) => judge(earlier, limit, send),
        verdict => verdict,
    }
}

/// The sends without the one that drew this lot, which did not come about; `None` if it is not among them.
pub fn without(mut sends: Vec<SendRecord>, nonce: u64) -> Option<Vec<SendRecord>> {
    let taken_back = sends.iter().position(|sent| sent.nonce == nonce)?;
    sends.remove(taken_back);
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
        let Verdict::Ahead(list) = judge(&[jumped], 1, &send(1_000, None)) else { panic!("it is an hour ahead") };
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
    fn the_wait_ends_when_a_place_is_free() {
        let mut list = Vec::new();
        for now in [0, 1_000, 2_000] {
            list = pass(judge(&list, 3, &send(now, None)));
        }
        assert_eq!(judge(&list, 3, &send(10_000, None)), Verdict::Wait(Duration::from_millis(50_000)));
        assert!(matches!(judge(&list, 3, &send(59_999, None)), Verdict::Wait(_)));
        assert_eq!(pass(judge(&list, 3, &send(60_000, None))).len(), 3);
    }

    #[test]
    fn a_repeat_of_the_same_key_is_not_counted() {
        let list = pass(judge(&[], 1, &send(0, Some("k"))));
        assert_eq!(judge(&list, 1, &send(5, Some("k"))), Verdict::Repeat);
        assert!(matches!(judge(&list, 1, &send(5, Some("other"))), Verdict::Wait(_)));
    }

    #[test]
    fn a_repeat_that_goes_on_counts_from_then_on_and_once() {
        let list = pass(judge(&[send(0, Some("k")), send(1, None)], 3, &send(2, Some("other"))));
        let list = pass(judge_duplicate(&list, 3, &send(59_000, Some("k"))));
        assert_eq!(list, [send(1, None), send(2, Some("other")), send(59_000, Some("k"))]);
        let full = [send(10_000, None)];
        assert_eq!(judge_duplicate(&full, 1, &send(61_000, Some("k"))), Verdict::Wait(Duration::from_millis(9_000)));
    }

    #[test]
    fn nobody_takes_back_what_is_anothers() {
        let list = vec![send(1, None), send(2, None), send(3, Some("k"))];
        assert_eq!(without(list.clone(), 1).unwrap(), [send(2, None), send(3, Some("k"))]);
        assert_eq!(without(list, 4), None);
    }
}
