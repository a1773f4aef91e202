//! The state that a turn shares with the task of a lagging socket.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use crate::broadcast::event::Event;
use crate::features::sockets::store_subscribers::Missed;

/// A socket with more events in its backlog would never accept them all, and is closed.
const MAX_BACKLOG: usize = 10_000;
/// In bytes. A row has at most 400 KB, and the room's rows are read at each flush. A socket that misses more notices is closed: its
/// client connects again and reads the lists that the notices are about.
const MAX_NOTICES: usize = 64 * 1024;

/// The events that a socket has not accepted yet.
pub(super) struct Backlog {
    pub(super) events: VecDeque<Event>,
    /// Whether a post is under way, or the first one is still to come.
    pub(super) is_posting: bool,
    pub(super) state: TaskState,
    /// Whether the socket's row could not be told what the socket misses at the end of the turn.
    pub(super) is_unnoted: bool,
}

impl Backlog {
    /// Whether the socket would never accept all of it.
    pub(super) fn is_too_much(&self) -> bool {
        self.events.len() > MAX_BACKLOG || self.notices().map(str::len).sum::<usize>() > MAX_NOTICES
    }

    /// Adds what a note must list, because no table has it.
    pub(super) fn add_to(&self, missed: &mut Missed) {
        missed.changes.extend(self.events.iter().filter_map(|event| event.about));
        missed.notices.extend(self.notices().map(str::to_owned));
    }

    fn notices(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter(|event| event.is_notice).map(|event| event.json.as_str())
    }
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
