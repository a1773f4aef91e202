//! The events that clients record.

/// Ids are `session × 100000000 + seq`.
pub(super) const IDS_PER_SESSION: u64 = 100_000_000;

/// Something that a client did, heard or read. Times are in milliseconds of the chat's own clock; the order of events is the order
/// in which they were noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message is being sent. Its text is unique.
    Sending {
        /// Which send: a repeat under the same key is another one.
        send: u64,
        /// The user.
        user: String,
        /// The text.
        text: String,
        /// `client_message_id`.
        key: Option<String>,
        /// The time.
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
        /// The time.
        at: i64,
    },
    /// A user begins to like something: `None` is the session.
    Liking {
        /// The user.
        user: String,
        /// Which message.
        message: Option<u64>,
    },
    /// The like was confirmed.
    Liked {
        /// The user.
        user: String,
        /// Which message.
        message: Option<u64>,
    },
    /// Likes are about to be read.
    ReadingLikes {
        /// Which reading.
        read: u64,
    },
    /// Likes were read.
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
    /// A user begins to open a socket: from now on a viewer may be counted.
    Arriving {
        /// The user.
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
    /// The clock went back: sends before and after it do not lie within one minute, even if their times do.
    ClockWentBack,
    /// An answer or a frame came that the documents do not describe.
    Undocumented {
        /// The difference to the documents.
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
