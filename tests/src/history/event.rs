//! The events that clients record.

use super::draw_events::DrawEvent;
use super::moderation::Moderation;
use super::pin_events::PinEvent;
use super::question_events::QuestionEvent;

/// Ids are `session × 100000000 + seq`.
pub(super) const IDS_PER_SESSION: u64 = 100_000_000;

/// The audience of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All sockets.
    Everybody,
    /// The sockets of staff.
    Staff,
    /// The sockets of this user.
    User(String),
}

/// An action of a client, or data that it received or read. Times are milliseconds of the chat's own clock; events are in the order
/// in which they were recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message is being sent. Its text is unique.
    Sending {
        /// Which send; a repeat under the same key is a separate send.
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
    /// The send was acknowledged.
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
    /// A user starts liking a message, or the session (`None`).
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
    /// A user starts taking back the like of a message, or of the session (`None`).
    Unliking {
        /// The user.
        user: String,
        /// Which message.
        message: Option<u64>,
    },
    /// That the user does not like it was confirmed.
    Unliked {
        /// The user.
        user: String,
        /// Which message.
        message: Option<u64>,
    },
    /// Likes are about to be read.
    ReadingLikes {
        /// Which read.
        read: u64,
    },
    /// Likes were read.
    ReadLikes {
        /// Which read.
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
        /// Who asks for it.
        by: String,
    },
    /// A user starts opening a socket: from now on, the user may count as a viewer.
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
    /// `new_message` arrived.
    Heard {
        /// Which socket.
        socket: u64,
        /// The number.
        seq: u64,
        /// The text.
        text: String,
    },
    /// `message_deleted` arrived.
    HeardDeletion {
        /// Which socket.
        socket: u64,
        /// The message's id.
        id: u64,
    },
    /// `session_like_update` arrived.
    HeardLikes {
        /// Which socket.
        socket: u64,
        /// How many.
        likes: u64,
    },
    /// `message_like_update` arrived, or `new_message`, which carries likes, too.
    HeardMessageLikes {
        /// Which socket.
        socket: u64,
        /// The message's id.
        id: u64,
        /// How many.
        likes: u64,
    },
    /// `viewer_count_update` arrived.
    HeardViewers {
        /// Which socket.
        socket: u64,
        /// How many.
        viewers: u64,
    },
    /// A notice is about to be left for an audience.
    Notifying {
        /// Its id.
        id: String,
        /// Its audience.
        audience: Audience,
    },
    /// A notice arrived.
    HeardNotice {
        /// Which socket.
        socket: u64,
        /// The notice's id.
        id: String,
    },
    /// A ban of a user is being asked for.
    Sanctioning {
        /// The user.
        user: String,
    },
    /// It was acknowledged.
    Sanctioned {
        /// The user.
        user: String,
        /// The id of its entry in the log.
        id: String,
    },
    /// The end of a ban is being asked for.
    Lifting {
        /// The user.
        user: String,
    },
    /// An event of moderation.
    Moderation(Moderation),
    /// `standing_update` arrived.
    HeardStanding {
        /// Which socket.
        socket: u64,
    },
    /// A page of `messages` contained this message.
    ReadMessage {
        /// The message's id.
        id: u64,
        /// The text.
        text: String,
    },
    /// Messages are about to be purged or cleared.
    Covering {
        /// Which act.
        act: u64,
    },
    /// A purge or a clear was acknowledged.
    Covered {
        /// Which act.
        act: u64,
        /// Whose messages; everybody's if there is none.
        user: Option<String>,
        /// The last number that is covered.
        up_to: u64,
    },
    /// The frame of a purge or a clear arrived.
    HeardCover {
        /// Which socket.
        socket: u64,
        /// The number of the act.
        seq: u64,
        /// Whose messages; everybody's if there is none.
        user: Option<String>,
        /// The last number that is covered.
        up_to: u64,
        /// Whether it was a part of `resumed`.
        is_resumed: bool,
    },
    /// An event of the host's application is about to be told. Its name is unique.
    Telling {
        /// Its name.
        name: String,
    },
    /// It was acknowledged.
    Told {
        /// Its name.
        name: String,
        /// Its number.
        seq: u64,
    },
    /// Its frame arrived.
    HeardEvent {
        /// Which socket.
        socket: u64,
        /// Its number.
        seq: u64,
        /// Its name.
        name: String,
        /// Whether it was a part of `resumed`.
        is_resumed: bool,
    },
    /// A call with reactions begins.
    Reacting {
        /// Which call.
        call: u64,
        /// How many reactions.
        count: u64,
    },
    /// It was acknowledged: all of them count.
    Reacted {
        /// Which call.
        call: u64,
    },
    /// It was refused: none of them counts.
    NotReacted {
        /// Which call.
        call: u64,
    },
    /// `reactions` arrived.
    HeardReactions {
        /// Which socket.
        socket: u64,
        /// How many there are in all.
        total: u64,
    },
    /// A vote is about to be cast, or tried again.
    Voting {
        /// In which poll.
        poll: u64,
        /// By whom.
        user: String,
        /// For which option.
        option: usize,
    },
    /// It was acknowledged.
    Voted {
        /// In which poll.
        poll: u64,
        /// By whom.
        user: String,
        /// For which option.
        option: usize,
    },
    /// A poll is about to be closed.
    ClosingPoll {
        /// Which.
        poll: u64,
    },
    /// A poll's frame arrived.
    HeardPoll {
        /// Which socket.
        socket: u64,
        /// Which poll.
        poll: u64,
        /// Whether it has its result.
        is_over: bool,
        /// The votes by option.
        votes: Vec<u64>,
    },
    /// An event of pins.
    Pins(PinEvent),
    /// An event of draws.
    Draws(DrawEvent),
    /// An event of questions.
    Questions(QuestionEvent),
    /// A request for messages begins.
    Asking {
        /// Which request.
        ask: u64,
    },
    /// It was answered.
    Answered {
        /// Which request.
        ask: u64,
        /// The ids of the messages.
        ids: Vec<u64>,
    },
    /// The clock went back: sends before and after this do not lie within one minute, even if their times do.
    ClockWentBack,
    /// A response or frame arrived that the documents do not describe.
    Undocumented {
        /// The difference to the documents.
        what: String,
    },
    /// `resumed` arrived.
    Resumed {
        /// Which socket.
        socket: u64,
        /// The number after which the client asked.
        after: u64,
        /// The numbers of the messages.
        seqs: Vec<u64>,
        /// The broadcast's position (`last_seq`).
        last_seq: u64,
        /// Whether the response was complete.
        complete: bool,
    },
}

impl From<Moderation> for Event {
    fn from(event: Moderation) -> Event {
        Event::Moderation(event)
    }
}

impl From<PinEvent> for Event {
    fn from(event: PinEvent) -> Event {
        Event::Pins(event)
    }
}

impl From<DrawEvent> for Event {
    fn from(event: DrawEvent) -> Event {
        Event::Draws(event)
    }
}

impl From<QuestionEvent> for Event {
    fn from(event: QuestionEvent) -> Event {
        Event::Questions(event)
    }
}
