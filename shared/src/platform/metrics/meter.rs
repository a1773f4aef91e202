//! Collects metrics and prints them: a few lines an invocation, instead of a call or a line for each event.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::platform::metrics::emf::{self, Metric};

/// The interval at which a long invocation prints, so that alarms need not wait for its end.
const PRINT_INTERVAL: Duration = Duration::from_secs(10);

/// Collects values until they are printed.
#[derive(Debug)]
pub struct Meter {
    stack: Option<String>,
    collected: Mutex<Collected>,
}

#[derive(Debug, Default)]
struct Collected {
    values: BTreeMap<Metric, Vec<u64>>,
    since: Option<Instant>,
}

impl Meter {
    /// The meter of a stack. Without a stack, it collects nothing.
    pub fn new(stack: Option<String>) -> Meter {
        Meter { stack, collected: Mutex::default() }
    }

    /// Adds to a sum.
    pub fn add(&self, metric: Metric, count: usize) {
        if count > 0 && self.stack.is_some() {
            let mut collected = self.lock();
            let values = collected.of(metric);
            match values.first_mut() {
                Some(sum) => *sum += count as u64,
                None => values.push(count as u64),
            }
        }
    }

    /// Adds a value to a distribution.
    pub fn sample(&self, metric: Metric, value: u64) {
        if self.stack.is_some() {
            self.lock().of(metric).push(value);
        }
    }

    /// Prints the collected values if the first of them is old enough.
    pub fn print_if_due(&self, now: Timestamp) {
        let since = self.lock().since;
        if since.is_some_and(|since| since.elapsed() >= PRINT_INTERVAL) {
            self.print(now);
        }
    }

    /// Prints the collected values to standard output, which Lambda forwards to CloudWatch.
    pub fn print(&self, now: Timestamp) {
        let Some(stack) = &self.stack else { return };
        let collected = std::mem::take(&mut *self.lock());
        let mut output = std::io::stdout().lock();
        for line in emf::lines(stack, now.as_millisecond(), &collected.values) {
            // If standard output is closed, there is no place to report that.
            let _closed = writeln!(output, "{line}");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Collected {
    fn of(&mut self, metric: Metric) -> &mut Vec<u64> {
        self.since.get_or_insert_with(Instant::now);
        self.values.entry(metric).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_one_value_and_distributions_many() {
        let meter = Meter::new(Some("prod".to_owned()));
        for i in 1..=3 {
            meter.add(Metric::Deliveries, 10);
            meter.sample(Metric::LikeBurst, i);
        }
        meter.add(Metric::PostsGone, 0);
        let expected = BTreeMap::from([(Metric::Deliveries, vec![30]), (Metric::LikeBurst, vec![1, 2, 3])]);
        assert_eq!(meter.lock().values, expected);
        meter.print(Timestamp::UNIX_EPOCH);
        assert_eq!(meter.lock().values, BTreeMap::new());
    }

    #[test]
    fn without_a_stack_nothing_is_collected() {
        let meter = Meter::new(None);
        meter.add(Metric::Deliveries, 10);
        meter.sample(Metric::LikeBurst, 1);
        assert_eq!(meter.lock().values, BTreeMap::new());
    }
}
