//! Names of sockets, sends and reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names the sockets, sends and reads of a whole run.
#[derive(Clone, Debug, Default)]
pub struct Names(Arc<AtomicU64>);

impl Names {
    /// A number that has not been used before.
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}
