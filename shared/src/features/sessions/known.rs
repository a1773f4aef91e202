//! The cache of sessions in a warm function. A host may rename a session, move its end or end it, so what is known holds for seconds, and
//! what is written by it is checked by the session's row.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::session::Session;

/// What was read longer ago is read again.
const LIFETIME: SignedDuration = SignedDuration::from_secs(5);
/// The cache holds so many sessions. A function serves a few at a time.
const MAX_SESSIONS: usize = 100;

/// The cached sessions.
#[derive(Default)]
pub(crate) struct KnownSessions(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The session of the main room that the schedule opened last.
    current: Option<u64>,
    sessions: HashMap<u64, (Session, Timestamp)>,
}

impl KnownSessions {
    /// The session that the schedule opened last, if it was read lately.
    pub(crate) fn current(&self, now: Timestamp) -> Option<Session> {
        let known = self.lock();
        known.session(known.current?, now)
    }

    /// The id of the session that the schedule opened last, however long ago it was read.
    pub(crate) fn current_id(&self) -> Option<u64> {
        self.lock().current
    }

    /// The session with this id, if it was read lately.
    pub(crate) fn with_id(&self, id: u64, now: Timestamp) -> Option<Session> {
        self.lock().session(id, now)
    }

    /// Notes the session that the schedule opened last, as it was read at a time.
    pub(crate) fn note_current(&self, session: &Session, read: Timestamp) {
        self.note(session, read);
        self.lock().current = Some(session.id);
    }

    /// Notes a session as it was read at a time.
    pub(crate) fn note(&self, session: &Session, read: Timestamp) {
        let mut known = self.lock();
        if known.sessions.len() >= MAX_SESSIONS && !known.sessions.contains_key(&session.id) {
            known.sessions.clear();
        }
        known.sessions.insert(session.id, (session.clone(), read));
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn session(&self, id: u64, now: Timestamp) -> Option<Session> {
        let (session, read) = self.sessions.get(&id)?;
        // A time in the future is that of a clock that jumped back.
        let is_fresh = *read <= now && now.duration_since(*read) < LIFETIME;
        is_fresh.then(|| session.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    #[test]
    fn a_session_is_known_for_seconds() {
        let known = KnownSessions::default();
        known.note_current(&Session::example(1), at(100));
        known.note(&Session::example(2), at(103));
        for (now, current, second) in [(99, false, false), (100, true, false), (104, true, true), (105, false, true)] {
            assert_eq!(known.current(at(now)).is_some(), current, "{now}");
            assert_eq!(known.with_id(2, at(now)).is_some(), second, "{now}");
        }
    }

    #[test]
    fn the_cache_does_not_grow_without_bound() {
        let known = KnownSessions::default();
        for id in 1..=500 {
            known.note(&Session::example(id), at(0));
        }
        assert!(known.lock().sessions.len() <= MAX_SESSIONS && known.with_id(500, at(1)).is_some());
    }
}
