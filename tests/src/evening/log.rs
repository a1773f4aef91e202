//! What happened in an evening, noted by those who did it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A send and its answer.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) user: String,
    /// When it began, in milliseconds since the evening began.
    pub(super) began_ms: u64,
    /// `ok`, or the code of the refusal.
    pub(super) outcome: String,
}

/// All notes.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) sent: Vec<Sent>,
    /// When the ban of a user was asked for and acknowledged.
    pub(super) bans: BTreeMap<String, (u64, u64)>,
    /// When the last socket of a user was closed by the chat.
    pub(super) closed: BTreeMap<String, u64>,
}

/// The notes of all people.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Notes>);

impl Log {
    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a send.
    pub(super) fn sent(&self, user: &str, began_ms: u64, outcome: &str) {
        self.notes().sent.push(Sent { user: user.to_owned(), began_ms, outcome: outcome.to_owned() });
    }
}
