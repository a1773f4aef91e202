//! The cache of users whose presence a warm function has written lately.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Old entries are removed when the map holds this many users.
const SWEEP_AT: usize = 10_000;

/// By session and user: the time of the last write, in milliseconds since 1970.
#[derive(Default)]
pub(crate) struct SeenLately(Mutex<HashMap<(u64, String), i64>>);

impl SeenLately {
    /// Whether a user's presence was written within the interval (milliseconds).
    pub(crate) fn is_fresh(&self, session_id: u64, user_id: &str, now_ms: i64, interval_ms: i64) -> bool {
        let seen_ms = self.lock().get(&(session_id, user_id.to_owned())).copied();
        seen_ms.is_some_and(|seen_ms| (0..interval_ms).contains(&(now_ms - seen_ms)))
    }

    /// Notes that a user's presence was written.
    pub(crate) fn note(&self, session_id: u64, user_id: &str, now_ms: i64, interval_ms: i64) {
        let mut seen = self.lock();
        if seen.len() >= SWEEP_AT {
            seen.retain(|_, seen_ms| (0..interval_ms).contains(&(now_ms - *seen_ms)));
        }
        seen.insert((session_id, user_id.to_owned()), now_ms);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(u64, String), i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
