//! What happened in a run, as clients saw it, and what was in the tables at its end. [`check()`] judges it, and needs nothing else.

mod check;
#[cfg(test)]
mod check_tests;
mod counts;
mod judged;
mod likes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub use check::{Breach, Rule, check};
pub use judged::judged;
use tokio::sync::Notify;

/// Something that a client did, heard or read. Times are in milliseconds of the chat's own clock; the order of events is the order
/// in which they were noted.
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
    /// Somebody begins to open a socket: from now on a viewer may be counted.
    Arriving {
        /// Who.
        user: String,
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
    /// `message_like_update` came, or `new_message`, which tells likes, too.
    HeardMessageLikes {
        /// Which socket.
        socket: u64,
        /// The message's id.
        id: u64,
        /// How many.
        likes: u64,
    },
    /// `viewer_count_update` came.
    HeardViewers {
        /// Which socket.
        socket: u64,
        /// How many.
        viewers: u64,
    },
    /// A page of `messages` held this.
    ReadMessage {
        /// The message's id.
        id: u64,
        /// The text.
        text: String,
    },
    /// The clock went back: what was sent before and after it does not lie within one minute, whatever the times say.
    ClockWentBack,
    /// An answer or a frame came that the documents do not describe.
    Undocumented {
        /// What is wrong with it.
        what: String,
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
    /// What each socket that was open then had heard of it last; `None` is nothing at all.
    pub viewers_heard: BTreeMap<u64, Option<u64>>,
    /// What was left when every socket was closed and the timeout was over, in words.
    pub left: Vec<String>,
    /// How many rows were looked at for that.
    pub looked_at: usize,
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
    /// Whether something crashed or an answer was lost, so that messages may be repeated (docs/contract.md, Delivery).
    pub may_repeat: bool,
    /// Whether `@connections` lied about living sockets: then a socket that stays open repairs itself with `resume`.
    pub may_miss: bool,
    /// Answers and frames that were held against the documents.
    pub documented: usize,
}

/// Takes events from everybody who sees one. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    events: Arc<Mutex<Vec<Event>>>,
    noted: Arc<Notify>,
    documented: Arc<AtomicUsize>,
}

impl Recorder {
    /// Notes an event.
    pub fn note(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        self.noted.notify_waiters();
    }

    /// Notes whether an answer or a frame is documented.
    pub fn document(&self, outcome: Result<(), String>) {
        self.documented.fetch_add(1, Ordering::SeqCst);
        if let Err(what) = outcome {
            self.note(Event::Undocumented { what });
        }
    }

    /// How many answers and frames were held against the documents.
    pub fn documented(&self) -> usize {
        self.documented.load(Ordering::SeqCst)
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
