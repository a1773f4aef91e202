//! The capacity units that each request consumes in DynamoDB. The test `cost.rs` measures the requests of clients, and the test of an event the rest.

/// Capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
}

impl Units {
    const fn new(read: f64, write: f64) -> Units {
        Units { read, write }
    }

    /// So many times these.
    pub fn times(self, count: f64) -> Units {
        Units { read: self.read * count, write: self.write * count }
    }
}

impl std::ops::AddAssign for Units {
    fn add_assign(&mut self, other: Units) {
        self.read += other.read;
        self.write += other.write;
    }
}

/// `status`, `viewers`, `likes`, `stats`.
pub const POLL: Units = Units::new(3.0, 0.0);
/// The first poll or ping of a user in a minute writes that the user was seen.
pub const SEEN: Units = Units::new(0.0, 1.0);
/// `messages`: a page of 50 short ones.
pub const HISTORY: Units = Units::new(7.0, 0.0);
/// A message over REST.
pub const SEND: Units = Units::new(1.5, 3.0);
/// A message over REST with a `client_message_id`.
pub const SEND_KEYED: Units = Units::new(2.5, 6.0);
/// A message over a socket.
pub const SAY: Units = Units::new(2.0, 3.0);
/// A message over a socket with a `client_message_id`.
pub const SAY_KEYED: Units = Units::new(3.0, 6.0);
/// `like`.
pub const LIKE: Units = Units::new(3.0, 4.0);
/// `like-message`.
pub const LIKE_MESSAGE: Units = Units::new(4.0, 6.0);
/// `ticket`.
pub const TICKET: Units = Units::new(2.0, 1.0);
/// `ping`.
pub const PING: Units = Units::new(2.0, 0.0);
/// A socket opens: its two rows, its user's presence, the number of viewers.
pub const CONNECT: Units = Units::new(2.0, 4.0);
/// A socket closes: the same rows go.
pub const DISCONNECT: Units = Units::new(0.5, 5.0);
/// A flush of the broadcast: the lease is taken and released, the cursor moves.
pub const FLUSH: Units = Units::new(2.0, 3.0);
/// A counter is read before it is flushed.
pub const COUNTER: Units = Units::new(1.0, 0.0);
/// A minute's housekeeping, without the reads that grow with the room.
pub const HOUSEKEEP: Units = Units::new(5.0, 1.0);

/// What a minute's housekeeping reads of each open session in which nobody is.
pub const IDLE_SESSION: Units = Units::new(10.5, 0.0);

/// A socket's row among the subscribers of its room, in bytes: each flush reads all of them.
pub const PLACE_BYTES: f64 = 115.0;
/// A viewer's presence, in bytes: each minute's housekeeping reads all of them twice.
pub const PRESENCE_BYTES: f64 = 110.0;
/// A read unit reads so many bytes.
pub const READ_BYTES: f64 = 4096.0;
/// How many sockets one `fan-out` serves; a room of so many is served by `broadcast` itself.
pub const SLICE: f64 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_consume_what_the_document_says_which_the_integration_tests_measure() {
        let document = include_str!("../../docs/cost.md");
        let first_ping = Units { write: PING.write + SEEN.write, ..PING };
        for (request, Units { read, write }) in [
            ("`status`", POLL),
            ("`stats`", POLL),
            ("`send-message`", SEND),
            ("`send-message` with `client_message_id`", SEND_KEYED),
            ("`like`", LIKE),
            ("`like-message`", LIKE_MESSAGE),
            ("socket: `ping`", PING),
            ("socket: `ping`, the first of a user in a minute", first_ping),
            ("socket: `message`", SAY),
            ("socket: `message` with `client_message_id`", SAY_KEYED),
        ] {
            let row = format!("| {request} | {read} | {write} |");
            assert!(document.contains(&row), "docs/cost.md lacks {row}");
        }
    }
}
