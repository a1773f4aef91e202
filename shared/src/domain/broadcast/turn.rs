//! A turn of the broadcast as a state machine: the next step of the lease's holder, decided from facts alone.

use std::time::Duration;

/// A turn is over after this long, because the next wake-ups of all sessions wait for its end. A batch has up to 2,000 records
/// (`template.yaml`), so 2,000 records a second are served before they expire, even if a room is never quiet.
const MAX_TURN: Duration = Duration::from_secs(1);
/// A turn is over sooner if rooms of other sessions wait for its end, unless it helps lagging sockets. It still waits for a late sender,
/// 100 ms at most.
const MAX_SHARED_TURN: Duration = Duration::from_millis(250);
/// A turn helps lagging sockets for this long after its last flush. Then it leaves a wake-up for them.
const MAX_HELP: Duration = Duration::from_millis(500);
/// The time between two looks at the table while a turn waits.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The state of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Read new entries and due topics, and post them.
    Flushing,
    /// Nothing can be flushed yet. Wait this long, then look again.
    Waiting(Duration),
    /// The turn is about to end. No lagging socket gets another post, but the turn waits for the posts under way. They may take
    /// seconds, so it keeps flushing meanwhile. Wait this long, then look again.
    Draining(Duration),
    /// The session has ended, and everything was flushed: send `session_ended`, and close the sockets.
    Closing,
    /// The turn has ended. Unfinished work gets a wake-up.
    Ending,
}

/// The facts that decide the next state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether the last look flushed anything.
    pub flushed: bool,
    /// Whether a number is missing below a stored one.
    pub has_gap: bool,
    /// Whether the session has ended.
    pub session_ended: bool,
    /// The time until the first pending topic is due, if one is pending.
    pub next_topic: Option<Duration>,
    /// The state of the lagging sockets.
    pub lag: Lag,
    /// Whether rooms of other sessions may wait for the end of the turn. Then it leaves topics that are not due to a later turn.
    pub others_wait: bool,
    /// Whether everything is flushed that woke the turn, except topics.
    pub is_served: bool,
    /// The time since the turn began.
    pub elapsed: Duration,
    /// The time since the last flush.
    pub since_flush: Duration,
    /// The time until the invocation must end.
    pub time_left: Duration,
}

/// The state of the lagging sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// No socket lags.
    None,
    /// Sockets lag, and no post to them is under way.
    Idle,
    /// A post to a lagging socket is under way, or its first post is still to come.
    Posting,
}

impl Turn {
    /// The state that follows.
    pub fn next(self, facts: &Facts) -> Turn {
        let is_draining = matches!(self, Turn::Draining(_));
        if facts.flushed && !facts.is_over() && !facts.makes_way() && !is_draining {
            return Turn::Flushing;
        }
        if facts.session_ended && facts.everything_arrived() {
            return Turn::Closing;
        }
        let is_leaving = is_draining || facts.is_over() || facts.makes_way() || facts.nothing_left();
        match (is_leaving, facts.lag) {
            (false, _) => Turn::Waiting(facts.pause()),
            (true, Lag::Posting) if !facts.time_left.is_zero() => Turn::Draining(facts.pause()),
            (true, _) => Turn::Ending,
        }
    }
}

impl Facts {
    fn is_over(&self) -> bool {
        let max_turn = if self.others_wait && self.lag == Lag::None { MAX_SHARED_TURN } else { MAX_TURN };
        self.elapsed >= max_turn || self.time_left.is_zero()
    }

    /// A turn for which others wait ends with its first flush, without a look for more: what is stored after that wakes another turn.
    fn makes_way(&self) -> bool {
        self.others_wait && self.is_served && !self.has_gap && self.lag == Lag::None && !self.session_ended
    }

    fn everything_arrived(&self) -> bool {
        !self.flushed && !self.has_gap && self.lag == Lag::None
    }

    /// A turn stops helping lagging sockets after a while, unless it has to close the room: then it waits until none lags.
    fn nothing_left(&self) -> bool {
        let helped = self.lag == Lag::None || (self.since_flush > MAX_HELP && !self.session_ended);
        let waits_for_topic = self.next_topic.is_some() && !self.others_wait;
        !self.flushed && !self.has_gap && !waits_for_topic && helped
    }

    fn pause(&self) -> Duration {
        self.next_topic.map_or(POLL_INTERVAL, |wait| wait.min(POLL_INTERVAL))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
        others_wait: false,
        is_served: true,
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
        let shared = |facts: Facts| Facts { others_wait: true, ..facts };
        let unserved = |facts: Facts| Facts { is_served: false, ..facts };
        let due_in = |ms| Facts { next_topic: Some(Duration::from_millis(ms)), ..QUIET };
        let (waiting, draining) = (Turn::Waiting(POLL), Turn::Draining(POLL));
        let table = [
            // New entries and topics are flushed as long as there are any.
            (Turn::Flushing, flushed, Turn::Flushing),
            (waiting, flushed, Turn::Flushing),
            (Turn::Flushing, Facts { session_ended: true, ..flushed }, Turn::Flushing),
            (Turn::Flushing, Facts { lag: Lag::Posting, ..flushed }, Turn::Flushing),
            // A turn that is over ends, even if more is new.
            (Turn::Flushing, over(flushed), Turn::Ending),
            (Turn::Flushing, late(flushed), Turn::Ending),
            (Turn::Flushing, over(Facts { lag: Lag::Posting, ..flushed }), draining),
            // Nothing is left.
            (Turn::Flushing, QUIET, Turn::Ending),
            (waiting, QUIET, Turn::Ending),
            // The turn waits for a late sender, and for a topic that is not due.
            (Turn::Flushing, gap(QUIET), waiting),
            (waiting, gap(QUIET), waiting),
            (Turn::Flushing, due_in(200), waiting),
            (Turn::Flushing, due_in(5), Turn::Waiting(Duration::from_millis(5))),
            (waiting, over(gap(QUIET)), Turn::Ending),
            // While others wait, a turn flushes once, and leaves a topic that is not due.
            (Turn::Flushing, shared(flushed), Turn::Ending),
            (Turn::Flushing, shared(due_in(200)), Turn::Ending),
            (Turn::Flushing, shared(gap(flushed)), Turn::Flushing),
            (Turn::Flushing, shared(gap(QUIET)), waiting),
            (Turn::Flushing, shared(unserved(flushed)), Turn::Flushing),
            (Turn::Flushing, shared(unserved(Facts { elapsed: MAX_SHARED_TURN, ..flushed })), Turn::Ending),
            (Turn::Flushing, shared(unserved(due_in(200))), Turn::Ending),
            (Turn::Flushing, shared(idle), waiting),
            (Turn::Flushing, shared(Facts { lag: Lag::Posting, ..flushed }), Turn::Flushing),
            (Turn::Flushing, shared(Facts { session_ended: true, ..flushed }), Turn::Flushing),
            (Turn::Flushing, shared(ended), Turn::Closing),
            // Lagging sockets are helped for a while.
            (Turn::Flushing, idle, waiting),
            (Turn::Flushing, posting, waiting),
            (waiting, helped(idle), Turn::Ending),
            (waiting, helped(posting), draining),
            (waiting, over(posting), draining),
            // Draining lasts until no post is under way, even if more is flushed meanwhile.
            (draining, posting, draining),
            (draining, Facts { lag: Lag::Posting, ..flushed }, draining),
            (draining, Facts { lag: Lag::Posting, ..due_in(5) }, Turn::Draining(Duration::from_millis(5))),
            (draining, idle, Turn::Ending),
            (draining, flushed, Turn::Ending),
            (draining, late(posting), Turn::Ending),
            // The room of a session that has ended is closed once everything has arrived, even at the last moment.
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

    /// Every combination of facts, with durations on both sides of each limit.
    fn all_facts() -> Vec<Facts> {
        let mut all = vec![QUIET];
        let vary = |all: Vec<Facts>, variants: &[&dyn Fn(Facts) -> Facts]| -> Vec<Facts> {
            all.into_iter().flat_map(|facts| variants.iter().map(move |variant| variant(facts))).collect()
        };
        let same: &dyn Fn(Facts) -> Facts = &|facts| facts;
        all = vary(all, &[same, &|facts| Facts { flushed: true, ..facts }]);
        all = vary(all, &[same, &|facts| Facts { has_gap: true, ..facts }]);
        all = vary(all, &[same, &|facts| Facts { session_ended: true, ..facts }]);
        all = vary(all, &[same, &|facts| Facts { next_topic: Some(POLL), ..facts }]);
        all = vary(all, &[same, &|facts| Facts { elapsed: MAX_TURN, ..facts }]);
        all = vary(all, &[same, &|facts| Facts { since_flush: MAX_HELP + POLL, ..facts }]);
        all = vary(all, &[same, &|facts| Facts { time_left: NOW, ..facts }]);
        all = vary(all, &[same, &|facts| Facts { others_wait: true, ..facts }]);
        all = vary(all, &[same, &|facts| Facts { is_served: false, ..facts }]);
        vary(all, &[same, &|facts| Facts { lag: Lag::Idle, ..facts }, &|facts| Facts { lag: Lag::Posting, ..facts }])
    }

    const RUNNING: [Turn; 3] = [Turn::Flushing, Turn::Waiting(POLL), Turn::Draining(POLL)];

    #[test]
    fn a_turn_whose_time_is_up_ends_whatever_the_facts_are() {
        for facts in all_facts().into_iter().filter(|facts| facts.time_left.is_zero()) {
            for state in RUNNING {
                let next = state.next(&facts);
                assert!(matches!(next, Turn::Ending | Turn::Closing), "{state:?} with {facts:?}: {next:?}");
            }
        }
    }

    #[test]
    fn the_diagram_in_the_architecture_shows_every_transition_and_no_other() {
        let name = |state: Turn| match state {
            Turn::Flushing => "Flushing",
            Turn::Waiting(_) => "Waiting",
            Turn::Draining(_) => "Draining",
            Turn::Closing => "Closing",
            Turn::Ending => "Ending",
        };
        let arrows = all_facts().into_iter().flat_map(|facts| RUNNING.map(|state| (state, state.next(&facts))));
        let possible: BTreeSet<(&str, &str)> = arrows.map(|(from, to)| (name(from), name(to))).collect();
        let document = include_str!("../../../../docs/architecture.md");
        let diagram = document.split("stateDiagram-v2").nth(1).expect("the first diagram is a turn's");
        let diagram = diagram.split("```").next().expect("it ends");
        let drawn = diagram.lines().filter_map(|line| {
            let (from, to) = line.trim().split_once(" --> ")?;
            Some((from, to.split(':').next()?))
        });
        let drawn: BTreeSet<(&str, &str)> = drawn.filter(|(from, to)| ![*from, *to].contains(&"[*]")).collect();
        assert_eq!(drawn, possible);
    }
}
