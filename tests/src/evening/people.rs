//! The people of an evening.

use std::time::Duration;

/// The people of an evening, and its length.
#[derive(Clone, Copy, Debug)]
pub struct Evening {
    /// Honest viewers.
    pub viewers: usize,
    /// Users who spam.
    pub spammers: usize,
    /// The length.
    pub length: Duration,
}
