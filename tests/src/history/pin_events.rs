//! Pins, as they are changed, told and read.

/// The pinned messages as somebody is told of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pinned {
    /// `pins_version`; 0 before the first pin.
    pub version: u64,
    /// The messages' ids.
    pub ids: Vec<u64>,
}

/// An event of pins. One host makes all changes, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinEvent {
    /// A message is about to be pinned, or unpinned.
    Changing {
        /// Which.
        id: u64,
        /// Whether it is pinned then.
        pinned: bool,
    },
    /// That was acknowledged.
    Changed {
        /// Which.
        id: u64,
        /// Whether it is pinned now.
        pinned: bool,
    },
    /// `status` is about to be read.
    Reading {
        /// Which read.
        read: u64,
    },
    /// It was read.
    Read {
        /// Which read.
        read: u64,
        /// The socket for which its client read it.
        socket: Option<u64>,
        /// The answer.
        pinned: Pinned,
    },
    /// `pins_update` arrived.
    Heard {
        /// Which socket.
        socket: u64,
        /// The frame.
        pinned: Pinned,
    },
}
