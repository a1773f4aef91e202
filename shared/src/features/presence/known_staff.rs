//! The staff that a warm function has seen lately in its sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::text::look_alike::Looks;

/// What was read longer ago is read again.
const LIFETIME: SignedDuration = SignedDuration::from_secs(10);
/// The cache holds so many sessions. A function serves a few at a time.
const MAX_SESSIONS: usize = 100;

/// A member of the staff, and how the name looks.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) user_id: String,
    pub(super) looks: Looks,
}

/// The staff that a warm function has seen lately in its sessions.
#[derive(Default)]
pub(crate) struct KnownStaff(Mutex<HashMap<u64, Seen>>);

/// The staff of a session at a time.
struct Seen {
    at: Timestamp,
    members: Arc<[Member]>,
}

impl KnownStaff {
    pub(super) fn of(&self, session_id: u64, now: Timestamp) -> Option<Arc<[Member]>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = known.get(&session_id)?;
        // A time in the future is that of a clock that jumped back.
        (seen.at <= now && now.duration_since(seen.at) < LIFETIME).then(|| Arc::clone(&seen.members))
    }

    pub(super) fn note(&self, session_id: u64, now: Timestamp, members: &Arc<[Member]>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_SESSIONS && !known.contains_key(&session_id) {
            known.clear();
        }
        known.insert(session_id, Seen { at: now, members: Arc::clone(members) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    #[test]
    fn staff_are_known_for_seconds() {
        let (known, nobody) = (KnownStaff::default(), Arc::from(Vec::new()));
        known.note(1, at(100), &nobody);
        for (now, is_known) in [(99, false), (100, true), (109, true), (110, false)] {
            assert_eq!(known.of(1, at(now)).is_some(), is_known, "{now}");
        }
        assert!(known.of(2, at(100)).is_none());
    }

    #[test]
    fn the_cache_does_not_grow_without_bound() {
        let (known, nobody) = (KnownStaff::default(), Arc::from(Vec::new()));
        for id in 1..=500 {
            known.note(id, at(0), &nobody);
        }
        assert!(known.0.lock().unwrap().len() <= MAX_SESSIONS && known.of(500, at(1)).is_some());
    }
}
