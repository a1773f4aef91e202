//! Draws, as they are asked for and told.

/// A draw as somebody is told of it, or as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// Its id.
    pub id: u64,
    /// How many win, if there are so many entrants.
    pub wanted: u64,
    /// What it commits to. That is not stored, but made of the seed for each answer.
    pub commitment: String,
    /// Whether nobody could win.
    pub cancelled: bool,
    /// The number of entrants, and the SHA-256 of their list, once it is frozen.
    pub frozen: Option<(u64, String)>,
    /// In hex, once it is revealed. What is stored has it from the beginning.
    pub seed: Option<String>,
    /// The winners in their order, once they are revealed.
    pub winners: Option<Vec<String>>,
    /// How many of them were drawn later.
    pub redraws: u64,
}

impl Draw {
    /// How far it is: 0 before the list is frozen, and one more for that, for the reveal and for each redraw.
    pub(super) fn progress(&self) -> u64 {
        u64::from(self.frozen.is_some() || self.cancelled) + u64::from(self.winners.is_some()) + self.redraws
    }
}

/// A draw at the end of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredDraw {
    /// The draw, with its seed.
    pub draw: Draw,
    /// The poll among whose voters it is.
    pub poll: u64,
    /// The list of entrants.
    pub list: Vec<String>,
}

/// An event of draws. One host asks for all of them, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrawEvent {
    /// A draw among the voters of a poll is about to be asked for; its repeats have the same key.
    Starting {
        /// The poll.
        poll: u64,
    },
    /// The answer to that.
    Started(Draw),
    /// A draw is about to be revealed or drawn again; repeats have the same key.
    Changing {
        /// Which draw.
        id: u64,
        /// Whether the next winner is asked for.
        is_redraw: bool,
    },
    /// The answer to that.
    Changed(Draw),
    /// `draw_update` arrived.
    Heard {
        /// Which socket.
        socket: u64,
        /// `draw_version`.
        version: u64,
        /// The draw.
        draw: Draw,
    },
    /// The list of a draw was read.
    Listed {
        /// Which draw.
        id: u64,
        /// The hashes.
        list: Vec<String>,
    },
    /// Draws are about to be read.
    Reading {
        /// Which read.
        read: u64,
    },
    /// They were read.
    Read {
        /// Which read.
        read: u64,
        /// The socket for which its client asks how things stand, since it has just opened it.
        socket: Option<u64>,
        /// `draw_version`, 0 before the first draw; `None` in an answer that has all draws instead.
        version: Option<u64>,
        /// The draws of the answer.
        draws: Vec<Draw>,
    },
}
