//! The invocations that are under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{OwnedSemaphorePermit, watch};
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

/// Notes that an invocation ends, however it does: also by a crash, and when its caller has gone meanwhile.
pub(super) struct End {
    /// Its places among the machine's executions and among the account's, for as long as it runs.
    pub(super) places: Option<(Option<OwnedSemaphorePermit>, OwnedSemaphorePermit)>,
    pub(super) finished: watch::Sender<u64>,
    /// How many of each function have ended.
    pub(super) invocations: Arc<Mutex<BTreeMap<String, u64>>>,
    /// The function's name.
    pub(super) name: String,
}

impl Drop for End {
    fn drop(&mut self) {
        // Whoever hears of the end finds them free.
        self.places = None;
        *lock(&self.invocations).entry(std::mem::take(&mut self.name)).or_default() += 1;
        self.finished.send_modify(|count| *count += 1);
    }
}

/// Locks, even after a panic of another holder.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
