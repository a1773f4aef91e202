//! The account of a run: the messages that were sent, accepted and heard, by which viewer and when. It knows no clock and no
//! network: times are microseconds since the run began.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::histogram::{histogram, note};
use crate::seen::Seen;

/// See the module.
pub(crate) struct Ledger {
    /// Numbers up to this one were given before the run.
    base: u64,
    /// When each message of this run was to be sent, by its number in the run.
    intended_us: Vec<u64>,
    /// The messages of the session, by their numbers after `base`.
    messages: Vec<Stored>,
    viewers: Vec<Seen>,
    refused: BTreeMap<String, u64>,
    accepted: u64,
    last_accepted_us: u64,
    delivered: u64,
    last_delivered_us: u64,
    delivery: Histogram<u64>,
    to_all: Histogram<u64>,
}

#[derive(Clone, Copy, Default)]
struct Stored {
    /// Its number in this run.
    number: Option<usize>,
    /// When its sender learnt that it is stored.
    accepted_us: Option<u64>,
    heard_by: usize,
}

/// The sums of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) sent: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: BTreeMap<String, u64>,
    /// Sent, and neither accepted nor refused.
    pub(crate) unanswered: u64,
    pub(crate) delivered: u64,
    /// Deliveries that are missing: of every accepted message to every viewer.
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    pub(crate) out_of_order: u64,
    pub(crate) first_sent_us: u64,
    pub(crate) last_accepted_us: u64,
    pub(crate) last_delivered_us: u64,
}

impl Ledger {
    pub(crate) fn new(base: u64, viewers: usize) -> Ledger {
        Ledger {
            base,
            intended_us: Vec::new(),
            messages: Vec::new(),
            viewers: std::iter::repeat_with(Seen::default).take(viewers).collect(),
            refused: BTreeMap::new(),
            accepted: 0,
            last_accepted_us: 0,
            delivered: 0,
            last_delivered_us: 0,
            delivery: histogram(),
            to_all: histogram(),
        }
    }

    /// A message is to be sent at this time. Answers with its number in the run.
    pub(crate) fn intend(&mut self, at_us: u64) -> usize {
        self.intended_us.push(at_us);
        self.intended_us.len() - 1
    }

    /// A message was stored under a number of the session. Its number in the run is not known where many are under way at once.
    pub(crate) fn accept(&mut self, seq: u64, number: Option<usize>, at_us: u64) {
        let Some(message) = self.message(seq) else { return };
        message.number = message.number.or(number);
        if message.accepted_us.replace(at_us).is_none() {
            self.accepted += 1;
            self.last_accepted_us = self.last_accepted_us.max(at_us);
        }
    }

    /// A message was refused, or its answer was lost.
    pub(crate) fn refuse(&mut self, code: &str) {
        *self.refused.entry(code.to_owned()).or_default() += 1;
    }

    /// A viewer heard a message. `true` if all viewers have it now.
    pub(crate) fn hear(&mut self, viewer: usize, seq: u64, number: Option<usize>, at_us: u64) -> bool {
        let Some(index) = self.index(seq) else { return false };
        let seen = &mut self.viewers[viewer];
        if !seen.add(index) {
            seen.duplicated += 1;
            return false;
        }
        if seq < seen.highest {
            seen.out_of_order += 1;
        }
        seen.highest = seen.highest.max(seq);
        let Some(intended_us) = number.and_then(|number| self.intended_us.get(number).copied()) else { return false };
        let everybody = self.viewers.len();
        let Some(message) = self.message(seq) else { return false };
        message.number = number;
        message.heard_by += 1;
        let is_heard_by_all = message.heard_by == everybody;
        let latency = at_us.saturating_sub(intended_us);
        note(&mut self.delivery, latency);
        if is_heard_by_all {
            note(&mut self.to_all, latency);
        }
        self.delivered += 1;
        self.last_delivered_us = self.last_delivered_us.max(at_us);
        is_heard_by_all
    }

    /// Whether every viewer has a message.
    pub(crate) fn is_heard_by_all(&self, seq: u64) -> bool {
        let message = self.index(seq).and_then(|index| self.messages.get(index));
        message.is_some_and(|message| message.heard_by == self.viewers.len())
    }

    /// How many messages were answered, with an acceptance or a refusal.
    pub(crate) fn answered(&self) -> u64 {
        self.accepted + self.refused.values().sum::<u64>()
    }

    /// How many deliveries there were.
    pub(crate) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Deliveries of accepted messages that are missing now.
    pub(crate) fn missing(&self) -> u64 {
        let mut expected = vec![0_u64; self.messages.len().div_ceil(64)];
        for (index, message) in self.messages.iter().enumerate() {
            if message.accepted_us.is_some() {
                expected[index / 64] |= 1 << (index % 64);
            }
        }
        self.viewers.iter().map(|seen| seen.missing(&expected)).sum()
    }

    /// From the intended time to the answer.
    pub(crate) fn acceptance(&self) -> Histogram<u64> {
        let mut acceptance = histogram();
        for message in &self.messages {
            if let (Some(number), Some(accepted_us)) = (message.number, message.accepted_us) {
                note(&mut acceptance, accepted_us.saturating_sub(self.intended_us[number]));
            }
        }
        acceptance
    }

    /// From the intended time to each delivery.
    pub(crate) fn delivery(&self) -> &Histogram<u64> {
        &self.delivery
    }

    /// From the intended time until the last viewer has it.
    pub(crate) fn to_all(&self) -> &Histogram<u64> {
        &self.to_all
    }

    pub(crate) fn sums(&self) -> Sums {
        let sent = self.intended_us.len() as u64;
        Sums {
            sent,
            accepted: self.accepted,
            refused: self.refused.clone(),
            unanswered: sent.saturating_sub(self.answered()),
            delivered: self.delivered,
            lost: self.missing(),
            duplicated: self.viewers.iter().map(|seen| seen.duplicated).sum(),
            out_of_order: self.viewers.iter().map(|seen| seen.out_of_order).sum(),
            first_sent_us: self.intended_us.first().copied().unwrap_or_default(),
            last_accepted_us: self.last_accepted_us,
            last_delivered_us: self.last_delivered_us,
        }
    }

    fn index(&self, seq: u64) -> Option<usize> {
        seq.checked_sub(self.base + 1).map(|index| index as usize)
    }

    fn message(&mut self, seq: u64) -> Option<&mut Stored> {
        let index = self.index(seq)?;
        if self.messages.len() <= index {
            self.messages.resize(index + 1, Stored::default());
        }
        Some(&mut self.messages[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three messages, the numbers 11 to 13 of the session, sent at 0, 1 and 2 ms and accepted a millisecond later.
    fn ledger(viewers: usize) -> Ledger {
        let mut ledger = Ledger::new(10, viewers);
        for number in 0..3 {
            assert_eq!(ledger.intend(number * 1000), number as usize);
            ledger.accept(11 + number, None, number * 1000 + 1000);
        }
        ledger
    }

    fn hear(ledger: &mut Ledger, viewer: usize, seqs: &[u64]) {
        for seq in seqs {
            ledger.hear(viewer, *seq, Some((seq - 11) as usize), 10_000);
        }
    }

    #[test]
    fn a_run_without_faults_has_none() {
        let mut ledger = ledger(2);
        hear(&mut ledger, 0, &[11, 12, 13]);
        assert_eq!((ledger.missing(), ledger.is_heard_by_all(11)), (3, false));
        hear(&mut ledger, 1, &[11, 12, 13]);
        let sums = ledger.sums();
        assert_eq!((sums.sent, sums.accepted, sums.unanswered, sums.delivered), (3, 3, 0, 6));
        assert_eq!((sums.lost, sums.duplicated, sums.out_of_order), (0, 0, 0));
        assert_eq!((sums.first_sent_us, sums.last_accepted_us, sums.last_delivered_us), (0, 3_000, 10_000));
        assert!(ledger.is_heard_by_all(13));
    }

    #[test]
    fn a_missing_message_is_lost_for_each_viewer_who_lacks_it_even_if_nobody_ever_heard_it() {
        let mut ledger = ledger(3);
        hear(&mut ledger, 0, &[11, 12]);
        hear(&mut ledger, 1, &[12]);
        assert_eq!(ledger.sums().lost, 1 + 2 + 3);
    }

    #[test]
    fn a_message_that_was_refused_or_is_unanswered_is_not_lost() {
        let mut ledger = ledger(1);
        hear(&mut ledger, 0, &[11, 12, 13]);
        ledger.intend(3_000);
        ledger.intend(4_000);
        ledger.refuse("rate_limited");
        let sums = ledger.sums();
        assert_eq!((sums.lost, sums.unanswered, sums.refused["rate_limited"]), (0, 1, 1));
    }

    #[test]
    fn a_repeat_is_a_duplicate_and_no_delivery() {
        let mut ledger = ledger(1);
        hear(&mut ledger, 0, &[11, 12, 12, 13, 11]);
        let sums = ledger.sums();
        assert_eq!((sums.delivered, sums.duplicated, sums.out_of_order, sums.lost), (3, 2, 0, 0));
    }

    #[test]
    fn a_number_below_one_that_was_heard_is_out_of_order() {
        let mut ledger = ledger(1);
        hear(&mut ledger, 0, &[12, 11, 13]);
        assert_eq!(ledger.sums().out_of_order, 1);
    }

    #[test]
    fn messages_of_others_are_checked_for_order_but_are_no_deliveries() {
        let mut ledger = ledger(1);
        hear(&mut ledger, 0, &[11, 12, 13]);
        assert!(!ledger.hear(0, 15, None, 1) && !ledger.hear(0, 14, None, 1) && !ledger.hear(0, 5, None, 1));
        let sums = ledger.sums();
        assert_eq!((sums.delivered, sums.out_of_order, sums.lost), (3, 1, 0));
    }

    #[test]
    fn latencies_count_from_the_intended_time() {
        let mut ledger = ledger(100);
        for viewer in 0..100 {
            let heard_by_all = ledger.hear(viewer, 12, Some(1), 1_000 + (viewer as u64 + 1) * 1_000);
            assert_eq!(heard_by_all, viewer == 99);
        }
        let about = |us: u64, ms: u64| us.abs_diff(ms * 1_000) <= ms;
        let delivery = ledger.delivery();
        assert!(about(delivery.value_at_quantile(0.5), 50), "{}", delivery.value_at_quantile(0.5));
        assert!(about(delivery.value_at_quantile(0.99), 99), "{}", delivery.value_at_quantile(0.99));
        assert!(about(delivery.max(), 100) && about(ledger.to_all().max(), 100));
        assert_eq!((ledger.to_all().len(), ledger.acceptance().max()), (1, 1_000));
    }
}
