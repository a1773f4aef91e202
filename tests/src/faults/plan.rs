//! Decides which call meets which fault. A decision depends on the seed, the call's subject and the number of earlier calls with
//! that subject, not on the order in which tasks happen to run: the same seed always gives the same decisions.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::kind::Kind;
use super::ledger::Ledger;
use crate::proxy::{Fate, ProxiedRequest, Proxy};

/// How many of a thousand calls meet each kind.
pub type Rates = Vec<(Kind, u32)>;

/// One step of a script.
#[derive(Clone, Debug)]
pub struct Step {
    /// The subject of the call, as [`about`] returns it.
    pub about: String,
    /// How many such calls pass first, counted from the last step with this subject.
    pub after: u64,
    /// Its fault.
    pub kind: Kind,
}

/// A plan. Clones share it.
#[derive(Clone)]
pub struct Plan {
    seed: u64,
    ledger: Ledger,
    is_on: Arc<AtomicBool>,
    rates: Arc<Rates>,
    /// Only calls with this subject ([`about`]) meet faults by their rates; `None` means all calls.
    only: Option<&'static str>,
    script: Arc<Mutex<Vec<Step>>>,
    seen: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Plan {
    /// Faults at these rates.
    pub fn by_rates(seed: u64, rates: Rates, ledger: &Ledger) -> Plan {
        Plan {
            seed,
            ledger: ledger.clone(),
            is_on: Arc::new(AtomicBool::new(true)),
            rates: Arc::new(rates),
            only: None,
            script: Arc::default(),
            seen: Arc::default(),
        }
    }

    /// Restricts the faults to calls with this subject.
    pub fn only(self, about: Option<&'static str>) -> Plan {
        Plan { only: about, ..self }
    }

    /// Faults from a script. Steps with the same subject follow each other; those of different subjects do not wait for each other,
    /// because the order of such calls depends on the machine.
    pub fn by_script(steps: impl IntoIterator<Item = Step>, ledger: &Ledger) -> Plan {
        let plan = Plan::by_rates(0, Vec::new(), ledger);
        *plan.script.lock().unwrap_or_else(PoisonError::into_inner) = steps.into_iter().collect();
        plan
    }

    /// Makes a proxy consult this plan for every request.
    pub fn rule(&self, proxy: &Proxy) {
        let plan = self.clone();
        proxy.judge(move |request| plan.fate(request));
    }

    /// From now on, every request passes.
    pub fn stop(&self) {
        self.is_on.store(false, Ordering::SeqCst);
    }

    /// The fate of a request.
    pub fn fate(&self, request: &ProxiedRequest) -> Fate {
        self.fate_but(request, None)
    }

    /// The fate of a request, without one kind of fault.
    pub fn fate_but(&self, request: &ProxiedRequest, spared: Option<Kind>) -> Fate {
        if !self.is_on.load(Ordering::SeqCst) {
            return Fate::Pass;
        }
        let about = about(request);
        let kind = self.scripted(&about).or_else(|| self.drawn(&about));
        let Some((kind, dice)) = kind.filter(|(kind, _)| Some(*kind) != spared) else { return Fate::Pass };
        let Some(fate) = kind.fate(request, dice) else { return Fate::Pass };
        self.ledger.count(kind.name());
        fate
    }

    fn scripted(&self, about: &str) -> Option<(Kind, u64)> {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let next = script.iter().position(|step| step.about == about)?;
        if script[next].after > 0 {
            script[next].after -= 1;
            return None;
        }
        Some((script.remove(next).kind, 0))
    }

    fn drawn(&self, about: &str) -> Option<(Kind, u64)> {
        if self.only.is_some_and(|only| only != about) {
            return None;
        }
        let before = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let before = seen.entry(about.to_owned()).or_default();
            *before += 1;
            *before
        };
        let dice = mix(self.seed, about, before);
        let mut point = (dice % 1000) as u32;
        for (kind, rate) in self.rates.iter() {
            if point < *rate {
                return Some((*kind, dice / 1000));
            }
            point -= rate;
        }
        None
    }
}

/// The subject of a request: its operation, and the kind of the first row that it names.
pub fn about(request: &ProxiedRequest) -> String {
    const KINDS: [&str; 15] = [
        "messages#",
        "session#",
        "like#",
        "bell#",
        "windows",
        "sessions",
        "socket#",
        "room#",
        "presence#",
        "rate#",
        "sent#",
        "cursor#",
        "likes#",
        "viewers",
        "close#",
    ];
    let first = KINDS.iter().filter_map(|kind| Some((request.body.find(&format!("\"{kind}"))?, kind))).min();
    let kind = first.map_or("", |(_, kind)| kind.trim_end_matches('#'));
    format!("{} {kind}", request.operation).trim_end().to_owned()
}

/// A pseudo-random number, the same for the same arguments.
pub fn mix(seed: u64, about: &str, nth: u64) -> u64 {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write_u64(seed);
    hasher.write(about.as_bytes());
    hasher.write_u64(nth);
    // FNV alone mixes its last bytes poorly; this is SplitMix64's finaliser.
    let mut z = hasher.finish();
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(operation: &str, body: &str) -> ProxiedRequest {
        ProxiedRequest {
            operation: operation.to_owned(),
            caller: String::new(),
            path: "/".to_owned(),
            body: body.to_owned(),
        }
    }

    fn fates(seed: u64) -> Vec<Fate> {
        let plan = Plan::by_rates(seed, vec![(Kind::Throttled, 200), (Kind::CutAfter, 100)], &Ledger::default());
        (0..500).map(|_| plan.fate(&request("PutItem", r#"{"pk":{"S":"rate#ann"}}"#))).collect()
    }

    #[test]
    fn a_seed_decides_the_same_again_and_another_one_differs() {
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        let faults = fates(7).iter().filter(|fate| **fate != Fate::Pass).count();
        assert!((110..190).contains(&faults), "30 % of 500 is about 150, not {faults}");
    }

    #[test]
    fn a_decision_does_not_depend_on_other_calls_in_between() {
        let plan = Plan::by_rates(7, vec![(Kind::Throttled, 200), (Kind::CutAfter, 100)], &Ledger::default());
        let mixed: Vec<Fate> = (0..500)
            .map(|_| {
                plan.fate(&request("GetItem", r#"{"pk":{"S":"socket#1"}}"#));
                plan.fate(&request("PutItem", r#"{"pk":{"S":"rate#ann"}}"#))
            })
            .collect();
        assert_eq!(mixed, fates(7));
    }

    #[test]
    fn a_script_is_followed_for_each_subject_and_everything_is_counted() {
        let ledger = Ledger::default();
        let step = |about: &str, after, kind| Step { about: about.to_owned(), after, kind };
        let script = [
            step("PutItem rate", 1, Kind::CutBefore),
            step("PutItem rate", 0, Kind::CutAfter),
            step("POST", 0, Kind::Gone),
        ];
        let plan = Plan::by_script(script, &ledger);
        let put = request("PutItem", r#"{"pk":{"S":"rate#ann"}}"#);
        let post = request("POST", "{}");
        assert_eq!(
            [&put, &post, &put, &post, &put, &put].map(|request| plan.fate(request)),
            [Fate::Pass, Fate::Answer(410, String::new()), Fate::Cut, Fate::Pass, Fate::CutAfter, Fate::Pass]
        );
        assert_eq!(ledger.total(), 3);
    }

    #[test]
    fn a_plan_for_some_calls_spares_the_others() {
        let plan = Plan::by_rates(1, vec![(Kind::ServerError, 1000)], &Ledger::default()).only(Some("PutItem rate"));
        assert_eq!(plan.fate(&request("GetItem", r#"{"pk":{"S":"rate#ann"}}"#)), Fate::Pass);
        assert_ne!(plan.fate(&request("PutItem", r#"{"pk":{"S":"rate#ann"}}"#)), Fate::Pass);
    }

    #[test]
    fn a_stopped_plan_lets_everything_pass() {
        let plan = Plan::by_rates(1, vec![(Kind::ServerError, 1000)], &Ledger::default());
        let request = request("GetItem", "{}");
        assert_ne!(plan.fate(&request), Fate::Pass);
        plan.stop();
        assert_eq!(plan.fate(&request), Fate::Pass);
    }
}
