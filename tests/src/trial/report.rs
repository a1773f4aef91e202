//! Many verdicts as one table.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::verdict::Verdict;
use crate::faults::ledger::Ledger;
use crate::history::Rule;

/// The sum of all runs so far.
#[derive(Default)]
pub struct Report {
    runs: u64,
    acknowledged: u64,
    faults: Ledger,
    judged: BTreeMap<Rule, u64>,
    breaches: BTreeMap<Rule, u64>,
    failed: Vec<(String, String)>,
    slowest: (Duration, u64),
}

impl Report {
    /// Adds a run.
    pub fn add(&mut self, verdict: &Verdict) {
        self.runs += 1;
        if verdict.took > self.slowest.0 {
            self.slowest = (verdict.took, verdict.seed);
        }
        self.acknowledged += verdict.acknowledged;
        self.faults.merge(&verdict.faults);
        for (rule, count) in &verdict.judged {
            *self.judged.entry(*rule).or_default() += count;
        }
        for breach in &verdict.breaches {
            *self.breaches.entry(breach.rule).or_default() += 1;
        }
        if let Some(first) = verdict.breaches.first() {
            self.failed.push((verdict.command.clone(), format!("{}: {}", first.rule.name(), first.what)));
        }
    }

    /// Whether every promise was kept in every run.
    pub fn is_good(&self) -> bool {
        self.failed.is_empty()
    }

    /// How many runs there were.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// How many faults were injected.
    pub fn faults(&self) -> u64 {
        self.faults.total()
    }

    /// How often faults were injected whose names have this prefix.
    pub fn faults_of(&self, beginning: &str) -> u64 {
        self.faults.counts().iter().filter(|(kind, _)| kind.starts_with(beginning)).map(|(_, count)| count).sum()
    }

    /// How much a rule had to judge.
    pub fn judged(&self, rule: Rule) -> u64 {
        self.judged.get(&rule).copied().unwrap_or_default()
    }

    /// All numbers, for `docs/reliability.py`.
    pub fn json(&self) -> Value {
        let rules = |counts: &BTreeMap<Rule, u64>| -> BTreeMap<&str, u64> {
            Rule::ALL.iter().map(|rule| (rule.name(), counts.get(rule).copied().unwrap_or_default())).collect()
        };
        json!({
            "runs": self.runs,
            "slowest_seconds": self.slowest.0.as_secs_f64(),
            "acknowledged": self.acknowledged,
            "faults": self.faults.counts(),
            "judged": rules(&self.judged),
            "broken": rules(&self.breaches),
        })
    }

    /// How many messages were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| | |\n| --- | ---: |")?;
        writeln!(formatter, "| runs | {} |", self.runs)?;
        let (took, seed) = self.slowest;
        writeln!(formatter, "| slowest run | {:.1} s (seed {seed}) |", took.as_secs_f64())?;
        writeln!(formatter, "| messages acknowledged | {} |", self.acknowledged)?;
        writeln!(formatter, "| faults injected | {} |", self.faults.total())?;
        for (kind, count) in self.faults.counts() {
            writeln!(formatter, "| {kind} | {count} |")?;
        }
        writeln!(formatter, "\n| rule | judged | broken |\n| --- | ---: | ---: |")?;
        for rule in Rule::ALL {
            let broken = self.breaches.get(&rule).unwrap_or(&0);
            writeln!(formatter, "| {} | {} {} | {broken} |", rule.name(), self.judged(rule), rule.judges())?;
        }
        for (command, what) in &self.failed {
            writeln!(formatter, "FAILED {what}\n       again: {command}")?;
        }
        Ok(())
    }
}
