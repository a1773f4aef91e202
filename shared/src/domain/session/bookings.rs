//! The times for which a room is taken: sessions of a room do not overlap. One may begin at the last moment of another, and is the room's
//! then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Session;

/// A room has at most so many sessions that are open or to come: its row is read with each request that names the room.
pub const MAX_BOOKINGS: usize = 50;

/// A session that is open or to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The session.
    pub id: u64,
    /// Its first moment, in milliseconds since 1970.
    pub start_ms: i64,
    /// Its last moment; `None` if it never ends.
    #[serde(default)]
    pub end_ms: Option<i64>,
}

impl Booking {
    /// The time that a session takes.
    pub fn of(session: &Session) -> Booking {
        let end_ms = session.end.map(Timestamp::as_millisecond);
        Booking { id: session.id, start_ms: session.start.as_millisecond(), end_ms }
    }

    /// Whether both take a time. What begins when the other one ends does not.
    pub fn overlaps(&self, other: &Booking) -> bool {
        let ends_before = |one: &Booking, other: &Booking| one.end_ms.is_some_and(|end| end <= other.start_ms);
        !ends_before(self, other) && !ends_before(other, self)
    }

    fn is_over(&self, now_ms: i64) -> bool {
        self.end_ms.is_some_and(|end| end < now_ms)
    }
}

/// The sessions of a room that are open or to come, and how often they changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookings {
    /// 0 before the first.
    pub version: u64,
    /// In no order.
    pub sessions: Vec<Booking>,
}

impl Bookings {
    /// The session that is open at a time.
    pub fn open_at(&self, now: Timestamp) -> Option<u64> {
        let now_ms = now.as_millisecond();
        let open = self.sessions.iter().filter(|session| session.start_ms <= now_ms && !session.is_over(now_ms));
        open.max_by_key(|session| session.start_ms).map(|session| session.id)
    }

    /// How many sessions are open or to come.
    pub fn ahead_at(&self, now: Timestamp) -> usize {
        self.sessions.iter().filter(|session| !session.is_over(now.as_millisecond())).count()
    }

    /// The start of the next session after a time, in milliseconds since 1970.
    pub fn next_start_ms(&self, now: Timestamp) -> Option<i64> {
        self.sessions.iter().map(|session| session.start_ms).filter(|start_ms| *start_ms > now.as_millisecond()).min()
    }

    /// The session that takes a time, other than the one that asks for it.
    pub fn conflict_with(&self, asked: &Booking) -> Option<u64> {
        let other = self.sessions.iter().find(|session| session.id != asked.id && session.overlaps(asked));
        other.map(|session| session.id)
    }

    /// These bookings with that of a session, in its new form if it was there; those that are over are forgotten.
    #[must_use]
    pub fn with(&self, booking: Booking, now: Timestamp) -> Bookings {
        let mut next = self.without(booking.id, now);
        next.sessions.push(booking);
        next
    }

    /// These bookings without that of a session.
    #[must_use]
    pub fn without(&self, id: u64, now: Timestamp) -> Bookings {
        let left = self.sessions.iter().filter(|session| session.id != id && !session.is_over(now.as_millisecond()));
        Bookings { version: self.version + 1, sessions: left.copied().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(id: u64, start_ms: i64, end_ms: impl Into<Option<i64>>) -> Booking {
        Booking { id, start_ms, end_ms: end_ms.into() }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("a time")
    }

    #[test]
    fn a_room_is_taken_from_the_first_moment_to_the_last_one() {
        let taken = Bookings::default().with(booking(1, 100, 200), at(0)).with(booking(2, 300, None), at(0));
        for (asked, conflict) in [
            (booking(3, 0, 100), None),
            (booking(3, 0, 101), Some(1)),
            (booking(3, 150, 160), Some(1)),
            (booking(3, 199, 250), Some(1)),
            (booking(3, 200, 300), None),
            (booking(3, 200, None), Some(2)),
            (booking(3, 900, 950), Some(2)),
            (booking(2, 201, None), None),
        ] {
            assert_eq!(taken.conflict_with(&asked), conflict, "{asked:?}");
        }
    }

    #[test]
    fn the_open_session_and_the_next_start_follow_from_the_time() {
        let taken = Bookings::default().with(booking(1, 100, 200), at(0)).with(booking(2, 300, None), at(0));
        for (now, open, next) in [
            (99, None, Some(100)),
            (100, Some(1), Some(300)),
            (200, Some(1), Some(300)),
            (201, None, Some(300)),
            (300, Some(2), None),
            (9_999, Some(2), None),
        ] {
            assert_eq!((taken.open_at(at(now)), taken.next_start_ms(at(now))), (open, next), "{now}");
        }
    }

    #[test]
    fn at_the_moment_that_two_sessions_share_the_later_one_is_open() {
        let taken = Bookings::default().with(booking(2, 200, None), at(0)).with(booking(1, 100, 200), at(0));
        assert_eq!([199, 200, 201].map(|now| taken.open_at(at(now))), [Some(1), Some(2), Some(2)]);
    }

    #[test]
    fn what_is_over_is_forgotten_and_a_changed_session_stands_once() {
        let taken = Bookings::default().with(booking(1, 100, 200), at(0)).with(booking(2, 300, None), at(0));
        let later = taken.with(booking(2, 300, 400), at(201));
        assert_eq!((later.version, later.sessions.as_slice()), (3, &[booking(2, 300, 400)][..]));
        assert_eq!(later.without(2, at(201)).sessions, []);
        assert_eq!([200, 201].map(|now| taken.ahead_at(at(now))), [2, 1]);
    }
}
