//! The invocations that are under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::task::AbortHandle;

/// The functions of the running invocations, and what ends them.
pub(super) type Entries = Arc<Mutex<BTreeMap<u64, (String, AbortHandle)>>>;

/// An invocation's entry among the running ones, while it runs.
pub(super) struct Running {
    running: Entries,
    key: u64,
}

impl Running {
    pub(super) fn note(running: &Entries, name: &str, handle: AbortHandle) -> Running {
        let key = rand::random();
        lock(running).insert(key, (name.to_owned(), handle));
        Running { running: Arc::clone(running), key }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.key);
    }
}

/// Locks, even after a panic of another holder.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
