//! What a turn and the task of a lagging socket share.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use crate::broadcast::event::Event;

/// What a socket still has to get.
pub(super) struct Backlog {
    pub(super) events: VecDeque<Event>,
    /// Whether a post is under way, or the first one is still to come.
    pub(super) is_posting: bool,
    pub(super) state: State,
}

/// How far a socket's task has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Busy,
    Done,
    /// The socket can be neither posted to nor closed: this turn lets it be, another one tries again.
    GivenUp,
}

/// What the tasks may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Post.
    Run,
    /// Wait for the answers of posts that are under way, and begin no other but one's first: however slow everything is, each turn
    /// brings every lagging socket further.
    Pause,
    /// Note how far the socket has come, and end.
    Stop,
}

pub(super) fn lock(backlog: &Mutex<Backlog>) -> MutexGuard<'_, Backlog> {
    backlog.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
