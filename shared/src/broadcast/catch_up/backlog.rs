//! The state that a turn shares with the task of a lagging socket.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use crate::broadcast::event::Event;

/// The events that a socket has not accepted yet.
pub(super) struct Backlog {
    pub(super) events: VecDeque<Event>,
    /// Whether a post is under way, or the first one is still to come.
    pub(super) is_posting: bool,
    pub(super) state: TaskState,
}

/// The state of a socket's task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskState {
    Busy,
    Done,
    /// Posts fail, and so does closing the socket. This turn ignores it, and a later one tries again.
    GivenUp,
}

/// The phase of all tasks, set by the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Post.
    Run,
    /// Wait for posts under way, and begin no other. A task's first post is the exception: so each turn helps every lagging socket at
    /// least a little, however slow it is.
    Pause,
    /// Note the progress of the socket, and end.
    Stop,
}

pub(super) fn lock(backlog: &Mutex<Backlog>) -> MutexGuard<'_, Backlog> {
    backlog.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
