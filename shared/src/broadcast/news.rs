//! What bells say about one session. It only tells where to look; what is told is read from the table.

use std::collections::BTreeSet;

use crate::broadcast::cursor::Ring;
use crate::domain::message::MessageId;
use crate::platform::trace::TraceId;

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
    /// Until when the changes of messages among these happened, in milliseconds since 1970; 0 if none says so.
    pub changed_ms: i64,
    /// What was told last is to be held against the table.
    pub recheck: bool,
    /// The session was marked as ended.
    pub ended: bool,
    /// Numbers up to this one are to be settled, stored or not.
    pub settle_up_to: u64,
    /// Numbers up to this one are stored, and their bells are among these: nobody else rings for them.
    pub tell_up_to: u64,
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
    /// Adds what a ring asks for.
    pub fn add_ring(&mut self, ring: Ring) {
        self.settle_up_to = self.settle_up_to.max(ring.settle_up_to);
        self.tell_up_to = self.tell_up_to.max(ring.tell_up_to);
        self.viewers |= ring.repeat_viewers;
        self.likes |= ring.tell_likes;
        self.message_likes.extend(ring.message_likes);
        self.ended |= ring.ended;
        self.recheck |= ring.recheck;
        self.behind |= ring.behind;
    }

    /// The ring for what is left when all numbers up to `told` are settled; `None` if nothing is. Later numbers have bells of
    /// their own, which are still to come.
    pub fn ring_for_the_rest(self, told: u64) -> Option<Ring> {
        let if_ahead = |seq: u64| if seq > told { seq } else { 0 };
        let ring = Ring {
            settle_up_to: if_ahead(self.settle_up_to),
            tell_up_to: if_ahead(self.tell_up_to),
            repeat_viewers: self.viewers,
            tell_likes: self.likes,
            message_likes: self.message_likes,
            ended: self.ended,
            recheck: self.recheck,
            behind: self.behind,
        };
        (ring != Ring::default()).then_some(ring)
    }

    /// Takes the changes of one kind, which are told now.
    pub fn take_heard(&mut self, kind: Kind) -> Vec<Heard> {
        self.heard.extract_if(.., |heard| heard.kind == kind).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_rung_for_and_nothing_else() {
        assert_eq!(News { tell_up_to: 7, settle_up_to: 7, ..News::default() }.ring_for_the_rest(7), None);
        let liked = MessageId::new(1, 3);
        let news = News {
            likes: true,
            viewers: true,
            ended: true,
            recheck: true,
            behind: true,
            message_likes: BTreeSet::from([liked]),
            tell_up_to: 8,
            settle_up_to: 9,
            ..News::default()
        };
        let mut again = News::default();
        again.add_ring(news.clone().ring_for_the_rest(7).unwrap());
        assert_eq!(again, news);
    }
}
