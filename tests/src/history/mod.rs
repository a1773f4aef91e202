//! What happened in a run, as clients saw it, and what was in the tables at its end. [`check()`] judges it, and needs nothing else.

mod check;
#[cfg(test)]
mod check_tests;
mod counts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

pub use check::{Breach, Rule, check};
use tokio::sync::Notify;

/// Something that a client did, heard or read. Times are in milliseconds of the chat's own clock, which never goes back in a run;
/// the order of events is the order in which they were noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message is being sent. Its text is nobody else's.
    Sending {
        /// Which send: a repeat under the same key is another one.
        send: u64,
        /// Who.
        user: String,
        /// What.
        text: String,
        /// `client_message_id`.
        key: Option<String>,
        /// When.
        at: i64,
    },
    /// It was acknowledged.
    Acknowledged {
        /// Which send.
        send: u64,
        /// The message's id.
        id: u64,
        /// Whether it had been stored before.
        duplicate: bool,
        /// When.
        at: i64,
    },
    /// A user begins to like something: `None` is the session.
    Liking {
        /// Who.
        user: String,
        /// Which message.
        message: Option<u64>,
    },
    /// The like was confirmed.
    Liked {
        /// Who.
        user: String,
        /// Which message.
        message: Option<u64>,
    },
    /// Likes are about to be read.
    ReadingLikes {
        /// Which reading.
        read: u64,
    },
    /// What was read.
    ReadLikes {
        /// Which reading.
        read: u64,
        /// Which message.
        message: Option<u64>,
        /// How many.
        likes: u64,
    },
    /// A message is being deleted.
    Deleting {
        /// Which.
        id: u64,
    },
    /// A socket's handshake was answered with 101.
    Opened {
        /// Which socket.
        socket: u64,
        /// Which client: its sockets follow one another.
        client: String,
    },
    /// A socket is closed, from whichever side.
    Closed {
        /// Which socket.
        socket: u64,
    },
    /// `new_message` came.
    Heard {
        /// Which socket.
        socket: u64,
        /// The number.
        seq: u64,
        /// The text.
        text: String,
    },
    /// `message_deleted` came.
    HeardDeletion {
        /// Which socket.
        socket: u64,
        /// The message's id.
        id: u64,
    },
    /// `session_like_update` came.
    HeardLikes {
        /// Which socket.
        socket: u64,
        /// How many.
        likes: u64,
    },
    /// `resumed` came.
    Resumed {
        /// Which socket.
        socket: u64,
        /// After which number was asked.
        after: u64,
        /// The numbers that came.
        seqs: Vec<u64>,
        /// How far the broadcast had come.
        last_seq: u64,
        /// Whether that was all.
        complete: bool,
    },
}

/// A message's row at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The text; `None` if it was deleted or is a void.
    pub text: Option<String>,
    /// The author.
    pub user: Option<String>,
    /// `client_message_id`.
    pub key: Option<String>,
    /// The row's counter.
    pub likes: u64,
    /// Whether no message ever had the number.
    pub void: bool,
}

/// What was there at the end, when nothing was under way any more.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// Rows by number.
    pub rows: BTreeMap<u64, Row>,
    /// The number that was given last.
    pub seq: u64,
    /// How far the broadcast came.
    pub cursor: u64,
    /// `total_messages` as `stats` told it.
    pub total_messages: u64,
    /// `total_likes` as `likes` told it.
    pub total_likes: u64,
    /// Users who have a like row of the session.
    pub session_likers: BTreeSet<String>,
    /// Users who have a like row of a message, by its number.
    pub message_likers: BTreeMap<u64, BTreeSet<String>>,
    /// The number of viewers after the timeout, and who had a socket open then.
    pub viewers: (u64, BTreeSet<String>),
    /// What was left when every socket was closed and the timeout was over, in words.
    pub left: Vec<String>,
}

/// A run.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// In order.
    pub events: Vec<Event>,
    /// See there.
    pub end: End,
    /// Messages that one user may send in a minute.
    pub limit: usize,
    /// Whether something crashed or an answer was lost, so that messages may be repeated (CONTRACT).
    pub may_repeat: bool,
    /// Whether `@connections` lied about living sockets: then a socket that stays open repairs itself with `resume`.
    pub may_miss: bool,
}

/// Takes events from everybody who sees one. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    events: Arc<Mutex<Vec<Event>>>,
    noted: Arc<Notify>,
}

impl Recorder {
    /// Notes an event.
    pub fn note(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        self.noted.notify_waiters();
    }

    /// Everything so far.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the next event, at most this long.
    pub async fn wait(&self, at_most: std::time::Duration) {
        let _nothing_came = tokio::time::timeout(at_most, self.noted.notified()).await;
    }
}
