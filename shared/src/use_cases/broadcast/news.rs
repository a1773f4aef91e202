//! What bells say about one session. It only tells where to look; what is told is read from the table.

use std::collections::BTreeSet;

use crate::adapters::store::cursor::Ring;
use crate::rules::message::MessageId;

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
}

impl News {
    /// Adds what `housekeep` asks for.
    pub fn add_ring(&mut self, ring: Ring) {
        self.settle_up_to = self.settle_up_to.max(ring.settle_up_to);
        self.viewers |= ring.repeat_viewers;
        self.behind |= ring.behind;
    }
}
