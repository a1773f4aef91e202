//! The rate limit as a sliding minute: in any 60 seconds, no more than so many messages of one user.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Length of the window in milliseconds.
pub const WINDOW_MS: i64 = 60_000;

/// One accepted send: when, and which `client_message_id` it carried (as a short hash), so that a repeat of it that
/// runs at the same time is not counted again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Hash of the `client_message_id`, if it had one.
    pub key: Option<String>,
}

/// What the limit says to one more send.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass; this is the list to keep.
    Pass(Vec<Sent>),
    /// A send with the same key passed within the window: this one is its repeat and is not counted.
    Repeat,
    /// It may not pass before this long.
    Wait(Duration),
}

/// Judges one more send at `now` after the ones in `earlier` (in any order), for a limit of at least 1.
pub fn judge(earlier: &[Sent], limit: usize, now: i64, key: Option<&str>) -> Verdict {
    let mut within: Vec<Sent> = earlier.iter().filter(|sent| sent.at > now - WINDOW_MS).cloned().collect();
    if key.is_some() && within.iter().any(|sent| sent.key.as_deref() == key) {
        return Verdict::Repeat;
    }
    within.sort_by_key(|sent| sent.at);
    if within.len() >= limit {
        let frees_a_place = within[within.len() - limit].at + WINDOW_MS;
        // Where clocks differ, the list may be ahead of this one: nobody waits for longer than the window.
        return Verdict::Wait(Duration::from_millis((frees_a_place - now).clamp(1, WINDOW_MS) as u64));
    }
    // A clock that lags behind must not put a send into the past: the list stays in order of acceptance.
    let at = within.last().map_or(now, |last| last.at.max(now));
    within.push(Sent { at, key: key.map(str::to_owned) });
    Verdict::Pass(within)
}

/// The sends without the newest one of this key, which did not come about.
pub fn without(mut sends: Vec<Sent>, key: Option<&str>) -> Vec<Sent> {
    if let Some(newest) = sends.iter().rposition(|sent| sent.key.as_deref() == key) {
        sends.remove(newest);
    }
    sends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_longer_than_the_window_even_if_clocks_differ() {
        let ahead = Sent { at: 5_000, key: None };
        assert_eq!(judge(&[ahead], 1, 1_000, None), Verdict::Wait(Duration::from_millis(60_000)));
    }

    fn pass(verdict: Verdict) -> Vec<Sent> {
        match verdict {
            Verdict::Pass(list) => list,
            other => panic!("expected a pass, got {other:?}"),
        }
    }

    #[test]
    fn no_window_of_a_minute_ever_holds_more_than_the_limit() {
        let (mut list, mut accepted) = (Vec::new(), Vec::new());
        for now in (0..300_000).step_by(700) {
            if let Verdict::Pass(next) = judge(&list, 10, now, None) {
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
            list = pass(judge(&list, 3, now, None));
        }
        assert_eq!(judge(&list, 3, 10_000, None), Verdict::Wait(Duration::from_millis(50_000)));
        assert!(matches!(judge(&list, 3, 59_999, None), Verdict::Wait(_)));
        assert_eq!(pass(judge(&list, 3, 60_000, None)).len(), 3);
    }

    #[test]
    fn a_repeat_of_the_same_key_is_not_counted() {
        let list = pass(judge(&[], 1, 0, Some("k")));
        assert_eq!(judge(&list, 1, 5, Some("k")), Verdict::Repeat);
        assert!(matches!(judge(&list, 1, 5, Some("other")), Verdict::Wait(_)));
    }
}
