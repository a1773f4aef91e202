//! Counts the faults of a run by kind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The counts. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<BTreeMap<String, u64>>>);

impl Ledger {
    /// Counts one fault of a kind.
    pub fn count(&self, kind: &str) {
        self.add(kind, 1);
    }

    /// Counts several faults of a kind.
    pub fn add(&self, kind: &str, count: u64) {
        if count > 0 {
            *self.lock().entry(kind.to_owned()).or_default() += count;
        }
    }

    /// Adds another ledger's counts.
    pub fn merge(&self, other: &Ledger) {
        for (kind, count) in other.counts() {
            self.add(&kind, count);
        }
    }

    /// All counts by their kinds.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.lock().clone()
    }

    /// The total of all faults.
    pub fn total(&self) -> u64 {
        self.lock().values().sum()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
