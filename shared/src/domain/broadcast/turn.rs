//! A turn of the broadcast as a state machine: what its holder of the lease does next, decided from facts alone.

use std::time::Duration;

/// A turn is over after this long, for the stream's next wake-ups, of whatever session, wait for its end. A batch brings up to 2,000
/// records (`template.yaml`), so as many a second are answered before they are too old, even in a room that is never quiet.
const MAX_TURN: Duration = Duration::from_secs(1);
/// For this long after its last flush a turn helps lagging sockets; then it leaves a wake-up for them.
const MAX_HELP: Duration = Duration::from_millis(500);
/// A turn that waits looks at the table this often.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// What a turn does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Flush: read what is new and post it.
    Flushing,
    /// Nothing can be flushed yet. Wait this long, then look again.
    Waiting(Duration),
    /// The turn is about to end: no lagging socket gets another post, but posts under way are waited for, and whatever is new
    /// meanwhile is flushed, for a post may take seconds. Wait this long, then look again.
    Draining(Duration),
    /// The session has ended and the room has heard everything: tell it so, and close its sockets.
    Closing,
    /// The turn has ended. Whatever is left gets a wake-up.
    Ending,
}

/// What [`Turn::next`] decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether the last look flushed anything.
    pub flushed: bool,
    /// Whether a number is missing below a stored one.
    pub has_gap: bool,
    /// Whether the session has ended.
    pub session_ended: bool,
    /// How long until the first topic that is held back is due, if one is.
    pub next_topic: Option<Duration>,
    /// The sockets that lag.
    pub lag: Lag,
    /// How long ago the turn began.
    pub elapsed: Duration,
    /// How long ago it flushed something.
    pub since_flush: Duration,
    /// How long until the invocation must end.
    pub time_left: Duration,
}

/// Whether sockets lag, and whether posts to them are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// Every socket has everything.
    None,
    /// Some lag, and none of them is being posted to.
    Idle,
    /// A post to one of them is under way, or its first post is still to come.
    Posting,
}

impl Turn {
    /// The state that follows.
    pub fn next(self, facts: &Facts) -> Turn {
        let is_draining = matches!(self, Turn::Draining(_));
        if facts.flushed && !facts.is_over() && !is_draining {
            return Turn::Flushing;
        }
        if facts.session_ended && facts.room_heard_everything() {
            return Turn::Closing;
        }
        let is_leaving = is_draining || facts.is_over() || facts.nothing_left();
        match (is_leaving, facts.lag) {
            (false, _) => Turn::Waiting(facts.pause()),
            (true, Lag::Posting) if !facts.time_left.is_zero() => Turn::Draining(facts.pause()),
            (true, _) => Turn::Ending,
        }
    }
}

impl Facts {
    fn is_over(&self) -> bool {
        self.elapsed >= MAX_TURN || self.time_left.is_zero()
    }

    fn room_heard_everything(&self) -> bool {
        !self.flushed && !self.has_gap && self.lag == Lag::None
    }

    /// A turn that only helps lagging sockets gives way; one that is to close its room sees them through.
    fn nothing_left(&self) -> bool {
        let helped = self.lag == Lag::None || (self.since_flush > MAX_HELP && !self.session_ended);
        !self.flushed && !self.has_gap && self.next_topic.is_none() && helped
    }

    fn pause(&self) -> Duration {
        self.next_topic.map_or(POLL_INTERVAL, |wait| wait.min(POLL_INTERVAL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;
    const POLL: Duration = POLL_INTERVAL;

    /// A turn in its first moments: nothing flushed, nothing left.
    const QUIET: Facts = Facts {
        flushed: false,
        has_gap: false,
        session_ended: false,
        next_topic: None,
        lag: Lag::None,
        elapsed: Duration::from_millis(30),
        since_flush: Duration::from_millis(10),
        time_left: Duration::from_secs(60),
    };

    #[test]
    fn every_transition() {
        let flushed = Facts { flushed: true, ..QUIET };
        let ended = Facts { session_ended: true, ..QUIET };
        let lagging = |lag| Facts { lag, ..QUIET };
        let (idle, posting) = (lagging(Lag::Idle), lagging(Lag::Posting));
        let over = |facts: Facts| Facts { elapsed: MAX_TURN, ..facts };
        let late = |facts: Facts| Facts { time_left: NOW, ..facts };
        let helped = |facts: Facts| Facts { since_flush: MAX_HELP + POLL, ..facts };
        let gap = |facts: Facts| Facts { has_gap: true, ..facts };
        let due_in = |ms| Facts { next_topic: Some(Duration::from_millis(ms)), ..QUIET };
        let (waiting, draining) = (Turn::Waiting(POLL), Turn::Draining(POLL));
        let table = [
            // As long as there is something, flush it.
            (Turn::Flushing, flushed, Turn::Flushing),
            (waiting, flushed, Turn::Flushing),
            (Turn::Flushing, Facts { session_ended: true, ..flushed }, Turn::Flushing),
            (Turn::Flushing, Facts { lag: Lag::Posting, ..flushed }, Turn::Flushing),
            // A turn that is over ends, however much is new.
            (Turn::Flushing, over(flushed), Turn::Ending),
            (Turn::Flushing, late(flushed), Turn::Ending),
            (Turn::Flushing, over(Facts { lag: Lag::Posting, ..flushed }), draining),
            // Nothing is left.
            (Turn::Flushing, QUIET, Turn::Ending),
            (waiting, QUIET, Turn::Ending),
            // A late sender and a topic that is held back are waited for.
            (Turn::Flushing, gap(QUIET), waiting),
            (waiting, gap(QUIET), waiting),
            (Turn::Flushing, due_in(200), waiting),
            (Turn::Flushing, due_in(5), Turn::Waiting(Duration::from_millis(5))),
            (waiting, over(gap(QUIET)), Turn::Ending),
            // Lagging sockets are helped for a while.
            (Turn::Flushing, idle, waiting),
            (Turn::Flushing, posting, waiting),
            (waiting, helped(idle), Turn::Ending),
            (waiting, helped(posting), draining),
            (waiting, over(posting), draining),
            // Draining goes on until no post is under way, whatever is flushed meanwhile.
            (draining, posting, draining),
            (draining, Facts { lag: Lag::Posting, ..flushed }, draining),
            (draining, Facts { lag: Lag::Posting, ..due_in(5) }, Turn::Draining(Duration::from_millis(5))),
            (draining, idle, Turn::Ending),
            (draining, flushed, Turn::Ending),
            (draining, late(posting), Turn::Ending),
            // A session that has ended is closed once the room has heard everything, even at the last moment.
            (Turn::Flushing, ended, Turn::Closing),
            (waiting, ended, Turn::Closing),
            (draining, ended, Turn::Closing),
            (waiting, over(ended), Turn::Closing),
            (waiting, late(ended), Turn::Closing),
            (waiting, gap(ended), waiting),
            (waiting, helped(Facts { session_ended: true, ..idle }), waiting),
            (waiting, over(Facts { session_ended: true, ..idle }), Turn::Ending),
            (waiting, over(Facts { session_ended: true, ..posting }), draining),
        ];
        for (state, facts, expected) in table {
            assert_eq!(state.next(&facts), expected, "{state:?} with {facts:?}");
        }
    }

    #[test]
    fn a_turn_always_comes_to_its_end() {
        let flags = [false, true];
        for (flushed, has_gap, session_ended) in
            flags.into_iter().flat_map(|a| flags.into_iter().flat_map(move |b| flags.map(|c| (a, b, c))))
        {
            for (lag, next_topic) in [(Lag::None, None), (Lag::Idle, Some(POLL)), (Lag::Posting, Some(NOW))] {
                let facts = Facts {
                    flushed,
                    has_gap,
                    session_ended,
                    next_topic,
                    lag,
                    time_left: NOW,
                    elapsed: MAX_TURN,
                    ..QUIET
                };
                for state in [Turn::Flushing, Turn::Waiting(POLL), Turn::Draining(POLL)] {
                    let next = state.next(&facts);
                    assert!(matches!(next, Turn::Ending | Turn::Closing), "{state:?} with {facts:?}: {next:?}");
                }
            }
        }
    }
}
