//! Names of sockets, sends and readings.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names sockets, sends and readings of a whole run.
#[derive(Clone, Debug, Default)]
pub struct Names(Arc<AtomicU64>);

impl Names {
    /// A number that was not given before.
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}
