//! Questions, as they are asked, listed and marked.

/// A question of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedQuestion {
    /// Its id.
    pub id: u64,
    /// Its votes.
    pub likes: u64,
    /// Whether it is marked as answered.
    pub answered: bool,
}

/// An event of questions. One moderator marks all of them, one mark after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionEvent {
    /// A text is being sent as a question.
    Asking {
        /// The text.
        text: String,
    },
    /// It was acknowledged.
    Asked {
        /// The message's id.
        id: u64,
    },
    /// The list is about to be read.
    Reading {
        /// Which read.
        read: u64,
    },
    /// It was read.
    Read {
        /// Which read.
        read: u64,
        /// Whether the newest come first, and not those with the most votes.
        by_age: bool,
        /// In the order of the answer.
        listed: Vec<ListedQuestion>,
    },
    /// A question is about to be marked.
    Marking {
        /// Which.
        id: u64,
        /// As answered, or as open again.
        answered: bool,
    },
    /// That was acknowledged.
    Marked {
        /// Which.
        id: u64,
        /// As answered, or as open again.
        answered: bool,
    },
    /// That was refused with 404: there is no such question any more.
    Gone {
        /// Which.
        id: u64,
    },
    /// `question_update` arrived.
    Heard {
        /// Which socket.
        socket: u64,
        /// The notice's id.
        notice: String,
        /// Which question.
        id: u64,
        /// As answered, or as open again.
        answered: bool,
    },
}
