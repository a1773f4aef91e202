//! The lifecycle of a session, derived from its rows and the clock.

use jiff::Timestamp;

use crate::domain::session::Head;

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// The window has not begun. Of a session that was opened, only a wrong clock says so.
    Scheduled,
    /// The session accepts messages.
    Open,
    /// The window has closed, but the session is not marked as ended: a sender with a slow clock may still allocate a number.
    Over,
    /// The session is marked as ended, and no number is allocated any more. The rest is still to be flushed, and the sockets to be
    /// closed.
    Ended,
    /// `session_ended` was sent, and the sockets are closed.
    Finished,
}

/// The broadcast's share in the end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Sockets may be open.
    Unfinished,
    /// `session_ended` was sent, and all sockets were closed.
    Finished,
}

impl Lifecycle {
    /// The state of a session at a time. A mark is final, whatever the clock says.
    pub fn of(head: &Head, ending: Ending, now: Timestamp) -> Lifecycle {
        match ending {
            Ending::Finished => Lifecycle::Finished,
            Ending::Unfinished if head.ended => Lifecycle::Ended,
            Ending::Unfinished if now < head.session.start => Lifecycle::Scheduled,
            Ending::Unfinished if head.session.is_open_at(now) => Lifecycle::Open,
            Ending::Unfinished => Lifecycle::Over,
        }
    }

    /// Whether no number is allocated any more.
    pub fn has_ended(self) -> bool {
        matches!(self, Lifecycle::Ended | Lifecycle::Finished)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::domain::session::Session;

    #[test]
    fn every_transition() {
        let noon = Timestamp::from_second(1_700_000_000).expect("a time");
        let hour = SignedDuration::from_hours(1);
        let (before, within, after) = (noon - hour, noon + hour, noon + hour * 3);
        let head = |ended, end| Head {
            modes: Default::default(),
            terms_version: 0,
            session: Session { start: noon, end, ..Session::example(1) },
            ended,
            seq: 0,
            is_full: false,
            viewer_count: 0,
            total_likes: 0,
            total_messages: 0,
            recent_messages: 0,
            states: Default::default(),
        };
        let (daily, always) = (Some(noon + hour * 2), None);
        let table = [
            (false, daily, Ending::Unfinished, before, Lifecycle::Scheduled),
            (false, daily, Ending::Unfinished, noon, Lifecycle::Open),
            (false, daily, Ending::Unfinished, within, Lifecycle::Open),
            (false, daily, Ending::Unfinished, noon + hour * 2, Lifecycle::Open),
            (false, daily, Ending::Unfinished, after, Lifecycle::Over),
            (true, daily, Ending::Unfinished, after, Lifecycle::Ended),
            (true, daily, Ending::Finished, after, Lifecycle::Finished),
            // A session that never ends by itself.
            (false, always, Ending::Unfinished, after, Lifecycle::Open),
            // A clock that jumps back opens nothing again.
            (true, daily, Ending::Unfinished, within, Lifecycle::Ended),
            (true, daily, Ending::Unfinished, before, Lifecycle::Ended),
            (true, daily, Ending::Finished, within, Lifecycle::Finished),
            (false, daily, Ending::Finished, within, Lifecycle::Finished),
        ];
        for (ended, end, ending, now, expected) in table {
            let found = Lifecycle::of(&head(ended, end), ending, now);
            assert_eq!(found, expected, "marked as ended: {ended}, {ending:?}, at {now}");
            assert_eq!(found.has_ended(), ended || ending == Ending::Finished);
        }
    }
}
