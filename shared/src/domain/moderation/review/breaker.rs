//! The circuit breaker before the handler: senders do not wait for one that is down (docs/contract.md, Review handler).

use jiff::{SignedDuration, Timestamp};

/// So many failures in a row open the breaker.
const FAILURES: u32 = 5;
/// While it is open, the handler is asked once in this time.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// The breaker of one warm function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// The handler is asked about each message.
    Closed {
        /// The failures since it answered.
        failures: u32,
    },
    /// The handler is down. It is asked once in a while.
    Open {
        /// When it was asked last.
        asked: Timestamp,
    },
}

/// What happens to the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerEvent {
    /// It is being asked.
    Asked,
    /// It has answered.
    Answered,
    /// It could not be asked, or did not answer.
    Failed,
}

impl Default for Breaker {
    fn default() -> Breaker {
        Breaker::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Whether the handler may be asked now.
    pub fn permits(self, now: Timestamp) -> bool {
        match self {
            Breaker::Closed { .. } => true,
            // Either way: a clock that was set back must not keep the handler unasked.
            Breaker::Open { asked } => now.duration_since(asked).abs() >= PAUSE,
        }
    }

    /// The breaker after an event.
    #[must_use]
    pub fn next(self, event: BreakerEvent, now: Timestamp) -> Breaker {
        match (self, event) {
            (_, BreakerEvent::Answered) => Breaker::default(),
            (Breaker::Closed { .. }, BreakerEvent::Asked) => self,
            (Breaker::Closed { failures }, BreakerEvent::Failed) if failures + 1 < FAILURES => {
                Breaker::Closed { failures: failures + 1 }
            }
            (Breaker::Closed { .. }, BreakerEvent::Failed) => Breaker::Open { asked: now },
            (Breaker::Open { .. }, BreakerEvent::Asked) => Breaker::Open { asked: now },
            // The pause counts from the question, not from its failure.
            (Breaker::Open { .. }, BreakerEvent::Failed) => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BreakerEvent::{Answered, Asked, Failed};
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn every_transition_is_as_the_contract_says() {
        let (closed, open) = (|failures| Breaker::Closed { failures }, |ms| Breaker::Open { asked: at(ms) });
        for (before, event, after) in [
            (closed(0), Asked, closed(0)),
            (closed(0), Failed, closed(1)),
            (closed(3), Failed, closed(4)),
            (closed(4), Failed, open(7)),
            (closed(4), Asked, closed(4)),
            (closed(4), Answered, closed(0)),
            (closed(0), Answered, closed(0)),
            (open(1), Asked, open(7)),
            (open(1), Failed, open(1)),
            (open(1), Answered, closed(0)),
        ] {
            assert_eq!(before.next(event, at(7)), after, "{before:?} {event:?}");
        }
    }

    #[test]
    fn an_open_breaker_asks_once_in_five_seconds_until_an_answer() {
        let mut breaker = Breaker::default();
        for second in 0..5 {
            assert!(breaker.permits(at(second)));
            breaker = breaker.next(Asked, at(second)).next(Failed, at(second));
        }
        let asked: Vec<i64> = (5..20_000)
            .filter(|ms| {
                let permits = breaker.permits(at(*ms));
                if permits {
                    breaker = breaker.next(Asked, at(*ms)).next(Failed, at(*ms));
                }
                permits
            })
            .collect();
        assert_eq!(asked, [5004, 10_004, 15_004]);
        assert!(breaker.permits(at(-1)), "a clock that was set back");
        assert!(breaker.next(Answered, at(20_000)).permits(at(20_000)));
    }
}
