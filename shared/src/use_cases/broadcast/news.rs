//! What bells say about one session. It only tells where to look; what is told is read from the table.

use std::collections::BTreeSet;

use crate::adapters::store::cursor::Ring;
use crate::rules::message::MessageId;
use crate::trace::TraceId;

/// What may be new in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The session's likes changed.
    pub likes: bool,
    /// The session's number of viewers changed, or is to be repeated.
    pub viewers: bool,
    /// Messages whose likes changed.
    pub message_likes: BTreeSet<MessageId>,
    /// Messages that were deleted.
    pub deleted: BTreeSet<MessageId>,
    /// Sockets to close, by connection id.
    pub close: BTreeSet<String>,
    /// The session was marked as ended.
    pub ended: bool,
    /// Numbers up to this one are to be settled, stored or not.
    pub settle_up_to: u64,
    /// Some sockets may be behind, and whoever noted it did not get to the end.
    pub behind: bool,
    /// The single changes of counters and the deletions, for those who want to know what became of them.
    pub heard: Vec<Heard>,
}

/// A changed row other than a new message, which tells of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What the row counts.
    pub kind: Kind,
    /// The request that changed it.
    pub trace: Option<TraceId>,
}

/// What is told of a changed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Likes of the session or of a message.
    Likes,
    /// The number of viewers.
    Viewers,
    /// A deletion.
    Deletion,
}

impl News {
    /// Adds what `housekeep` asks for.
    pub fn add_ring(&mut self, ring: Ring) {
        self.settle_up_to = self.settle_up_to.max(ring.settle_up_to);
        self.viewers |= ring.repeat_viewers;
        self.behind |= ring.behind;
    }

    /// Takes the changes of one kind, which are told now.
    pub fn take_heard(&mut self, kind: Kind) -> Vec<Heard> {
        self.heard.extract_if(.., |heard| heard.kind == kind).collect()
    }
}
