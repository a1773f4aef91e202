//! The rate of posts that `@connections` takes, learnt from its refusals. An account's requests are shared with everything else in it, so the
//! configured rate may be more than is left. Refusals (429) that go on for a second lower the rate to somewhat less than what was accepted;
//! within a minute it rises again, slowly at first, until nothing limits it but the configuration.
//!
//! A full buffer is a 429, too, and says nothing about the account. But it is one socket's: so a socket counts when it begins to refuse, and
//! not again before it has accepted something.

use std::collections::HashSet;
use std::time::Duration;

/// Posts are judged by the quarter of a second.
const QUARTER: Duration = Duration::from_millis(250);
/// Refusals lower the rate if they go on for so many quarters.
const QUARTERS: u32 = 4;
/// A quarter counts as refused if so many sockets begin to refuse,
const MIN_SOCKETS: u32 = 3;
/// and if they are one in this many of the sockets that answer.
const SHARE: u32 = 50;
/// Between two quarters with posts, less than this may pass.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The new rate, as a part of what was accepted.
const DECREASE: f64 = 0.9;
/// The least that a step leaves of the rate, and the most.
const STEP: std::ops::RangeInclusive<f64> = 0.25..=0.9;
/// In posts a second. A lower rate would keep a room waiting for longer than its sockets are given.
const MIN_RATE: f64 = 50.0;
/// The time in which a lowered rate rises to what it was.
const RECOVERY: Duration = Duration::from_secs(60);
/// A socket that refuses for so long is closed by then, or counts again.
const FORGET_AFTER: Duration = Duration::from_secs(10);

/// See the module. Times count from any beginning.
#[derive(Debug, Default)]
pub struct PostingRate {
    quarter: Quarter,
    refused: Refused,
    lowered: Option<Lowered>,
    refusing: HashSet<u64>,
    refusing_since: Duration,
}

/// What is counted in a quarter of a second.
#[derive(Clone, Copy, Debug, Default)]
struct Quarter {
    begun: Duration,
    accepted: u32,
    refused: u32,
    /// Sockets that began to refuse.
    sockets: u32,
}

/// Refused quarters one after the other, and what was counted in them.
#[derive(Clone, Copy, Debug, Default)]
struct Refused {
    quarters: u32,
    accepted: u32,
    offered: u32,
}

#[derive(Clone, Copy, Debug)]
struct Lowered {
    rate: f64,
    /// The rate to which it rises.
    full: f64,
    since: Duration,
}

impl PostingRate {
    /// A socket accepted a post.
    pub fn accepted(&mut self, socket: u64, now: Duration) {
        self.turn_to(now);
        self.quarter.accepted += 1;
        if !self.refusing.is_empty() {
            self.refusing.remove(&socket);
        }
    }

    /// A post to a socket was refused with 429. Answers with the new rate if that lowers it.
    pub fn refused(&mut self, socket: u64, now: Duration) -> Option<f64> {
        self.turn_to(now);
        self.quarter.refused += 1;
        self.quarter.sockets += u32::from(self.refusing.insert(socket));
        self.lower(now)
    }

    /// The posts a second that are to be made at most; `None` if there is no reason to make fewer than configured.
    pub fn limit(&self, now: Duration) -> Option<f64> {
        let lowered = self.lowered?;
        let risen = now.saturating_sub(lowered.since).as_secs_f64() / RECOVERY.as_secs_f64();
        (risen < 1.0).then_some(lowered.rate + (lowered.full - lowered.rate) * risen * risen)
    }

    /// Ends the quarter if it is over.
    fn turn_to(&mut self, now: Duration) {
        let age = now.saturating_sub(self.quarter.begun);
        if age < QUARTER {
            return;
        }
        let Quarter { accepted, refused, sockets, .. } = self.quarter;
        let is_refused = sockets >= MIN_SOCKETS && sockets * SHARE >= accepted + sockets;
        if is_refused && age < LONGEST_PAUSE {
            self.refused.quarters += 1;
            self.refused.accepted += accepted;
            self.refused.offered += accepted + refused;
        } else {
            self.refused = Refused::default();
        }
        self.quarter = Quarter { begun: now, ..Quarter::default() };
        if now.saturating_sub(self.refusing_since) >= FORGET_AFTER {
            self.refusing.clear();
            self.refusing_since = now;
        }
    }

    fn lower(&mut self, now: Duration) -> Option<f64> {
        if self.refused.quarters < QUARTERS {
            return None;
        }
        let seconds = QUARTER.as_secs_f64() * f64::from(self.refused.quarters);
        let (accepted, offered) =
            (f64::from(self.refused.accepted) / seconds, f64::from(self.refused.offered) / seconds);
        self.refused = Refused::default();
        let limit = self.limit(now);
        let rate = limit.unwrap_or(offered);
        let lower = (DECREASE * accepted).clamp(rate * STEP.start(), rate * STEP.end()).max(MIN_RATE);
        let full = self.lowered.filter(|_| limit.is_some()).map_or(offered, |lowered| lowered.full).max(lower);
        self.lowered = Some(Lowered { rate: lower, full, since: now });
        Some(lower)
    }
}

#[cfg(test)]
mod tests;
