//! The verdict on a run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::faults::ledger::Ledger;
use crate::history::{Breach, Event, History, Moderation, Rule, check, judged};

/// See the module.
pub struct Verdict {
    /// The run's seed.
    pub seed: u64,
    /// The command that repeats it.
    pub command: String,
    /// How long it took.
    pub took: Duration,
    /// Broken promises.
    pub breaches: Vec<Breach>,
    /// Messages that were acknowledged as new.
    pub acknowledged: u64,
    /// How much each rule had to judge.
    pub judged: BTreeMap<Rule, u64>,
    /// Faults by kind.
    pub faults: Ledger,
}

impl Verdict {
    pub(super) fn over(seed: u64, command: String, started: Instant, history: &History, faults: Ledger) -> Verdict {
        let is_new = |event: &&Event| match event {
            Event::Acknowledged { duplicate, .. } => !duplicate,
            Event::Moderation(Moderation::Done { message_id, .. }) => message_id.is_some(),
            _ => false,
        };
        Verdict {
            seed,
            command,
            took: started.elapsed(),
            breaches: check(history),
            acknowledged: history.events.iter().filter(is_new).count() as u64,
            judged: judged(history),
            faults,
        }
    }
}
