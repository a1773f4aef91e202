//! The polls of a session that its room knows: those that are open, and those that ended last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::hosted_id::{HostedId, MAX_NUMBER};
use crate::domain::session::Head;

/// Open polls at once.
pub const MAX_OPEN: usize = 3;
/// Polls that are shown after their end.
pub const MAX_ENDED: usize = 3;
/// The name of the state.
pub const STATE: &str = "polls";

/// The polls of a session's room: nothing of their texts and votes, which are read anew each time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polls {
    /// How often a poll was started or ended; 0 before the first.
    pub version: u64,
    /// The number of the newest poll.
    pub started: u64,
    /// The newest first.
    #[serde(default)]
    pub open: Vec<OpenPoll>,
    /// The numbers of the polls that ended last, the last one first.
    #[serde(default)]
    pub ended: Vec<u64>,
    /// Whether the session has ended, so no poll is started any more.
    #[serde(default)]
    pub closed: bool,
}

/// A poll that takes votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPoll {
    /// Its number in the session.
    pub number: u64,
    /// The time at which it ends, in milliseconds since 1970.
    pub ends_ms: i64,
}

impl Polls {
    /// Those of a session's head; `None` if there never was one.
    pub fn of(head: &Head) -> Option<Polls> {
        head.states.get(STATE).and_then(|row| Polls::deserialize(row).ok())
    }

    /// The number of the next poll; `None` if the session has no number left.
    pub fn next_number(&self) -> Option<u64> {
        Some(self.started + 1).filter(|number| *number <= MAX_NUMBER)
    }

    /// Whether a poll takes votes, as far as the room knows.
    pub fn has_open(&self, id: HostedId) -> bool {
        self.open.iter().any(|open| open.number == id.number())
    }

    /// Open polls whose time is over.
    pub fn due_at(&self, now: Timestamp) -> impl Iterator<Item = u64> + '_ {
        let now_ms = now.as_millisecond();
        self.open.iter().filter(move |open| open.ends_ms <= now_ms).map(|open| open.number)
    }

    /// The time at which the first of the open polls ends, in milliseconds since 1970.
    pub fn next_end_ms(&self) -> Option<i64> {
        self.open.iter().map(|open| open.ends_ms).min()
    }

    /// The polls after one was started.
    #[must_use]
    pub fn with_started(&self, poll: OpenPoll) -> Polls {
        let mut next = self.changed();
        next.started = poll.number;
        next.open.insert(0, poll);
        next
    }

    /// The polls after one has ended.
    #[must_use]
    pub fn with_ended(&self, number: u64) -> Polls {
        let mut next = self.changed();
        next.open.retain(|open| open.number != number);
        next.ended.insert(0, number);
        next.ended.truncate(MAX_ENDED);
        next
    }

    /// The polls after the end of the session.
    #[must_use]
    pub fn with_session_closed(&self) -> Polls {
        Polls { closed: true, ..self.changed() }
    }

    fn changed(&self) -> Polls {
        Polls { version: self.version + 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_knows_the_open_polls_and_the_last_that_ended() {
        let mut polls = Polls::default();
        for number in 1..=5 {
            assert_eq!(polls.next_number(), Some(number));
            polls = polls.with_started(OpenPoll { number, ends_ms: 1000 * number as i64 });
        }
        for number in [1, 3, 2, 5] {
            polls = polls.with_ended(number);
        }
        assert_eq!((polls.version, polls.started), (9, 5));
        assert_eq!(polls.open, [OpenPoll { number: 4, ends_ms: 4000 }]);
        assert_eq!(polls.ended, [5, 2, 3], "the oldest is not shown any more");
        assert!(polls.has_open(HostedId::new(7, 4)) && !polls.has_open(HostedId::new(7, 5)));
        assert!(polls.with_session_closed().closed);
    }

    #[test]
    fn a_poll_is_due_at_its_end() {
        let polls = Polls::default();
        let polls = polls.with_started(OpenPoll { number: 1, ends_ms: 900 });
        let polls = polls.with_started(OpenPoll { number: 2, ends_ms: 400 });
        let due = |ms| polls.due_at(Timestamp::from_millisecond(ms).expect("a time")).collect::<Vec<_>>();
        assert_eq!((due(399), due(400), due(900)), (vec![], vec![2], vec![2, 1]));
        assert_eq!((polls.next_end_ms(), Polls::default().next_end_ms()), (Some(400), None));
    }

    #[test]
    fn numbers_run_out() {
        assert_eq!(Polls { started: MAX_NUMBER, ..Polls::default() }.next_number(), None);
    }
}
