//! The rules of a session by which its messages are judged, and the version under which a number is allocated.
//!
//! A send judges by the version that its warm function knows. The update that allocates the number carries that version as a condition, so
//! what judged a message is what was in force. A refused update brings the version in force.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::moderation::modes::ShieldedModes;
use crate::domain::session::limits::OwnLimits;

/// The cache holds so many sessions. A function serves one or two at a time.
const MAX_SESSIONS: usize = 100;

/// The rules of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Grows with each change of the rules, and with each act against a user; 0 before the first.
    pub version: u64,
    /// The modes.
    pub modes: ShieldedModes,
    /// The version of the list of terms; 0 without one.
    pub terms_version: u64,
    /// The limits of the session that hold instead of the deployment's.
    pub limits: OwnLimits,
}

/// The rules that a warm function knows.
#[derive(Default)]
pub(crate) struct KnownRules(Mutex<HashMap<u64, Rules>>);

impl KnownRules {
    /// The rules of a session. They may be out of date, and those of an unknown session are those of a new one.
    pub(crate) fn of(&self, session_id: u64) -> Rules {
        self.lock().get(&session_id).copied().unwrap_or_default()
    }

    /// Notes the rules in force. Older ones change nothing.
    pub(crate) fn note(&self, session_id: u64, rules: Rules) {
        let mut known = self.lock();
        if known.len() >= MAX_SESSIONS && !known.contains_key(&session_id) {
            known.clear();
        }
        let latest = known.entry(session_id).or_default();
        if latest.version < rules.version {
            *latest = rules;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Rules>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_rules_of_each_session_are_known() {
        let known = KnownRules::default();
        assert_eq!(known.of(1).version, 0);
        let rules = |version| Rules { version, ..Rules::default() };
        for version in [3, 5, 4] {
            known.note(1, rules(version));
        }
        assert_eq!((known.of(1).version, known.of(2).version), (5, 0));
        for session_id in 2..500 {
            known.note(session_id, rules(session_id));
        }
        assert!(known.lock().len() <= MAX_SESSIONS && known.of(499).version == 499);
    }
}
