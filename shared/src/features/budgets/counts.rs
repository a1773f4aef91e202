//! The counts of the users that this process serves, in its memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};

use crate::domain::budget::{Budget, Count, Verdict};

/// The counts of a minute. Those of earlier minutes are dropped together, so the memory is that of the users of one minute.
#[derive(Default)]
pub(crate) struct Counts {
    spent: Minutely<(Budget, String), Count>,
    refused: Minutely<String, u64>,
}

impl Counts {
    /// Counts one more of a user.
    pub(super) fn spend(&self, budget: Budget, user_id: &str, minute: i64, limit: u64) -> Verdict {
        self.spent.with((budget, user_id.to_owned()), minute, |count| count.spend(limit))
    }

    /// Learns a count in the table. Returns whether the limit holds with it. The count of a minute that ended while it was written says
    /// nothing of the new one.
    pub(super) fn learn(&self, budget: Budget, user_id: &str, minute: i64, written: u64, limit: u64) -> bool {
        let known = self.spent.in_current((budget, user_id.to_owned()), minute, |count| count.learn(written, limit));
        known.unwrap_or(written <= limit)
    }

    /// Counts a refused frame of a socket. Returns how many there are in this minute.
    pub(crate) fn refuse_frame(&self, connection_id: &str, minute: i64) -> u64 {
        self.refused.with(connection_id.to_owned(), minute, |refused| {
            *refused += 1;
            *refused
        })
    }
}

/// A map that begins anew with each minute.
struct Minutely<Key, Value>(Mutex<(i64, HashMap<Key, Value>)>);

impl<Key, Value> Default for Minutely<Key, Value> {
    fn default() -> Self {
        Minutely(Mutex::new((i64::MIN, HashMap::new())))
    }
}

impl<Key: Eq + Hash, Value: Default> Minutely<Key, Value> {
    fn with<Outcome>(&self, key: Key, minute: i64, act: impl FnOnce(&mut Value) -> Outcome) -> Outcome {
        let mut guard = self.lock();
        let (current, values) = &mut *guard;
        // A request that asked the clock just before the minute changed counts in the new one. Otherwise it would drop the counts
        // of all. A clock that jumped back further begins anew.
        if minute.checked_add(1) != Some(*current) && minute != *current {
            *current = minute;
            values.clear();
        }
        act(values.entry(key).or_default())
    }

    /// Acts on a value of the current minute; `None` if this is another one.
    fn in_current<Outcome>(&self, key: Key, minute: i64, act: impl FnOnce(&mut Value) -> Outcome) -> Option<Outcome> {
        let mut guard = self.lock();
        let (current, values) = &mut *guard;
        (minute == *current).then(|| act(values.entry(key).or_default()))
    }

    fn lock(&self) -> MutexGuard<'_, (i64, HashMap<Key, Value>)> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 3;

    fn passes(counts: &Counts, user_id: &str, minute: i64) -> bool {
        match counts.spend(Budget::Tickets, user_id, minute, LIMIT) {
            Verdict::Pass => true,
            Verdict::Write(written) => counts.learn(Budget::Tickets, user_id, minute, written, LIMIT),
            Verdict::Refuse => false,
        }
    }

    #[test]
    fn each_minute_begins_anew_but_a_straggler_of_the_last_one_does_not_reset_it() {
        let counts = Counts::default();
        for (minute, user, expected) in [
            (100, "ann", [true, true, true, false]),
            (101, "ann", [true, true, true, false]),
            (100, "ann", [false, false, false, false]),
            (101, "ann", [false, false, false, false]),
            (101, "bob", [true, true, true, false]),
            (50, "ann", [true, true, true, false]),
            (i64::MAX, "ann", [true, true, true, false]),
        ] {
            assert_eq!(expected.map(|_| passes(&counts, user, minute)), expected, "{user} in {minute}");
        }
    }

    #[test]
    fn a_count_that_is_written_while_the_minute_ends_is_not_one_of_the_new_minute() {
        let counts = Counts::default();
        assert_eq!(counts.spend(Budget::Tickets, "ann", 100, 0), Verdict::Write(1));
        assert!(passes(&counts, "ann", 101));
        assert!(!counts.learn(Budget::Tickets, "ann", 100, 1_000, LIMIT), "it is beyond the limit of its own minute");
        assert!(counts.learn(Budget::Tickets, "ann", 100, LIMIT, LIMIT));
        assert_eq!([0; 3].map(|_| passes(&counts, "ann", 101)), [true, true, false]);
    }

    #[test]
    fn budgets_do_not_use_up_each_other() {
        let counts = Counts::default();
        for budget in Budget::ALL {
            assert_eq!(counts.spend(budget, "ann", 1, 1), Verdict::Pass, "{budget:?}");
        }
        assert_eq!(counts.spend(Budget::Pages, "ann", 1, 1), Verdict::Write(2));
    }

    #[test]
    fn the_memory_is_that_of_one_minute() {
        let counts = Counts::default();
        for user in 0..10_000 {
            passes(&counts, &user.to_string(), 1);
        }
        passes(&counts, "ann", 2);
        assert_eq!(counts.spent.0.lock().unwrap().1.len(), 1);
    }
}
