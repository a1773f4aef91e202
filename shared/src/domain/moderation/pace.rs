//! The pace of a user's messages: slow mode, repeated texts, and strikes. The list stands beside the rate limit's, in the same row.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::modes::Modes;
use super::refusal::RuleRefusal;
use super::repeats::unique_hash;
use crate::domain::time::SKEW_MS;

/// The texts that a user may not repeat are the newest of so many.
const MAX_RECORDS: usize = 20;
/// A record is needed for as long as the longest mode asks about it.
const LIFETIME_MS: i64 = 600_000;
/// A text is known by so many bytes of its hash: 72 bits.
const HASH_BYTES: usize = 9;

/// A message that passed the modes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaceRecord {
    /// Its session.
    pub session: u64,
    /// The time, in milliseconds since 1970.
    pub at: i64,
    /// A random number that identifies the send.
    pub nonce: u64,
    /// The short hash of its `client_message_id`, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The hash of its text, if a mode asks about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// What the modes ask about the pace of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pacing {
    session: u64,
    slow_ms: i64,
    unique_ms: i64,
    hash: Option<String>,
}

impl Pacing {
    /// What these modes ask about a text.
    pub fn of(modes: &Modes, session_id: u64, text: &str) -> Pacing {
        let is_unique = modes.unique_seconds > 0;
        Pacing {
            session: session_id,
            slow_ms: i64::from(modes.slow_seconds) * 1000,
            unique_ms: i64::from(modes.unique_seconds) * 1000,
            hash: is_unique.then(|| URL_SAFE_NO_PAD.encode(&unique_hash(text)[..HASH_BYTES])),
        }
    }

    /// Whether nothing is asked.
    pub fn is_free(&self) -> bool {
        self.slow_ms == 0 && self.unique_ms == 0
    }

    /// The record of a send.
    pub fn record(&self, at: i64, nonce: u64, key: Option<&str>) -> PaceRecord {
        PaceRecord { session: self.session, at, nonce, key: key.map(str::to_owned), hash: self.hash.clone() }
    }

    /// Judges a send after the ones in `earlier`. A send under the same key is this one, tried before. A record of a clock that is ahead
    /// counts as one of now.
    ///
    /// # Errors
    /// The mode that refuses it.
    pub fn judge(&self, earlier: &[PaceRecord], send: &PaceRecord) -> Result<(), RuleRefusal> {
        let is_other = |sent: &&PaceRecord| {
            sent.session == self.session && sent.nonce != send.nonce && (sent.key.is_none() || sent.key != send.key)
        };
        let others = || earlier.iter().filter(is_other).map(|sent| (sent, send.at.saturating_sub(sent.at).max(0)));
        let wait = others().map(|(_, age)| self.slow_ms - age).max().filter(|wait| *wait > 0);
        if let Some(wait) = wait {
            return Err(RuleRefusal::SlowMode { retry_after: Duration::from_millis(wait as u64) });
        }
        let is_repeated =
            others().any(|(sent, age)| self.hash.is_some() && sent.hash == self.hash && age < self.unique_ms);
        if is_repeated { Err(RuleRefusal::RepeatedMessage) } else { Ok(()) }
    }
}

/// The records with one more. Those that no mode asks about any more are gone.
pub fn with(earlier: &[PaceRecord], record: PaceRecord) -> Vec<PaceRecord> {
    let is_kept = |sent: &&PaceRecord| sent.nonce != record.nonce && sent.at > record.at - LIFETIME_MS;
    let mut kept: Vec<PaceRecord> = earlier.iter().filter(is_kept).cloned().collect();
    // A clock that jumped back must not keep a user waiting for longer than the mode says.
    kept.iter_mut().filter(|sent| sent.at > record.at + SKEW_MS).for_each(|sent| sent.at = record.at);
    kept.drain(..kept.len().saturating_sub(MAX_RECORDS - 1));
    kept.push(record);
    kept
}

/// So many refusals by word, link or repeat within a time put their author into a timeout (`LIVE_CHAT_STRIKES`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strikes {
    /// Refusals.
    pub limit: usize,
    /// The time in which they happen.
    pub within: Duration,
    /// The length of the timeout.
    pub timeout: Duration,
}

impl Strikes {
    /// The strikes with one more, and whether they are too many. Those that are too many count no more.
    pub fn strike(&self, earlier: &[i64], at: i64) -> (Vec<i64>, bool) {
        let since = at - self.within.as_millis() as i64;
        let mut strikes: Vec<i64> = earlier.iter().copied().filter(|strike| *strike > since).collect();
        strikes.push(at);
        let are_too_many = strikes.len() >= self.limit;
        if are_too_many {
            strikes.clear();
        }
        (strikes, are_too_many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacing(slow_seconds: u32, unique_seconds: u32, text: &str) -> Pacing {
        Pacing::of(&Modes { slow_seconds, unique_seconds, ..Modes::default() }, 1, text)
    }

    fn sent(text: &str, at: i64, key: Option<&str>) -> PaceRecord {
        pacing(10, 60, text).record(at, at as u64, key)
    }

    #[test]
    fn slow_mode_asks_for_a_pause_after_the_newest_message() {
        let earlier = [sent("one", 1_000, None), sent("two", 5_000, None)];
        let judge = |slow, at| pacing(slow, 0, "three").judge(&earlier, &sent("three", at, None));
        let wait = |ms| Err(RuleRefusal::SlowMode { retry_after: Duration::from_millis(ms) });
        for (slow, at, expected) in [
            (0, 5_001, Ok(())),
            (10, 5_001, wait(9_999)),
            (10, 14_999, wait(1)),
            (10, 15_000, Ok(())),
            // Another function's clock is behind.
            (10, 4_000, wait(10_000)),
        ] {
            assert_eq!(judge(slow, at), expected, "{slow} {at}");
        }
    }

    #[test]
    fn a_text_is_not_repeated_while_the_mode_asks() {
        let earlier = [sent("Hello  world", 1_000, Some("k"))];
        for (text, at, key, passes) in [
            ("hello WORLD", 60_999, None, false),
            ("hello WORLD", 61_000, None, true),
            ("hello you", 1_001, None, true),
            // The same send, tried again.
            ("Hello  world", 1_001, Some("k"), true),
            ("Hello  world", 1_001, Some("other"), false),
        ] {
            let judged = pacing(0, 60, text).judge(&earlier, &sent(text, at, key));
            assert_eq!(judged.is_ok(), passes, "{text} {at} {key:?}");
        }
        let elsewhere = PaceRecord { session: 2, ..sent("hello", 1_000, None) };
        assert_eq!(pacing(10, 60, "hello").judge(&[elsewhere], &sent("hello", 1_001, None)), Ok(()));
    }

    #[test]
    fn the_newest_records_are_kept() {
        let mut records = Vec::new();
        for at in 0..50 {
            records = with(&records, sent(&at.to_string(), at * 1000, None));
        }
        assert_eq!(
            records.iter().map(|one| one.at).collect::<Vec<_>>(),
            (30..50).map(|at| at * 1000).collect::<Vec<_>>()
        );
        assert_eq!(with(&records, sent("much later", 10_000_000, None)).len(), 1);
        let back = with(&records, sent("a clock jumped back", 0, None));
        assert!(back.iter().all(|one| one.at <= SKEW_MS), "{back:?}");
    }

    #[test]
    fn strikes_within_the_time_are_too_many_once() {
        let rule = Strikes { limit: 3, within: Duration::from_secs(60), timeout: Duration::from_secs(600) };
        let (mut strikes, mut too_many) = (Vec::new(), Vec::new());
        for at in [0, 61_000, 62_000, 63_000, 64_000] {
            let (next, are_too_many) = rule.strike(&strikes, at);
            strikes = next;
            too_many.push(are_too_many);
        }
        assert_eq!(too_many, [false, false, false, true, false]);
    }
}
