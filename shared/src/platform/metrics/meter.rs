//! Gathers what is measured and prints it, a few lines for each invocation instead of a call or a line for each event.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::platform::metrics::emf::{self, Metric};

/// A long invocation prints this often, so that an alarm does not wait for its end.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Gathers values until they are printed.
#[derive(Debug)]
pub struct Meter {
    stack: Option<String>,
    gathered: Mutex<Gathered>,
}

#[derive(Debug, Default)]
struct Gathered {
    values: BTreeMap<Metric, Vec<u64>>,
    since: Option<Instant>,
}

impl Meter {
    /// A meter for this stack; without one, it measures nothing.
    pub fn new(stack: Option<String>) -> Meter {
        Meter { stack, gathered: Mutex::default() }
    }

    /// Adds to a sum.
    pub fn add(&self, metric: Metric, count: usize) {
        if count > 0 && self.stack.is_some() {
            let mut gathered = self.lock();
            let values = gathered.of(metric);
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

    /// Prints what was gathered, if that began some seconds ago.
    pub fn print_if_due(&self, now: Timestamp) {
        let since = self.lock().since;
        if since.is_some_and(|since| since.elapsed() >= MAX_WAIT) {
            self.print(now);
        }
    }

    /// Prints what was gathered to standard output, where Lambda takes it up.
    pub fn print(&self, now: Timestamp) {
        let Some(stack) = &self.stack else { return };
        let gathered = std::mem::take(&mut *self.lock());
        let mut output = std::io::stdout().lock();
        for line in emf::lines(stack, now.as_millisecond(), &gathered.values) {
            // Nobody is left to be told that nobody listens.
            let _closed = writeln!(output, "{line}");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Gathered {
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
    fn without_a_stack_nothing_is_gathered() {
        let meter = Meter::new(None);
        meter.add(Metric::Deliveries, 10);
        meter.sample(Metric::LikeBurst, 1);
        assert_eq!(meter.lock().values, BTreeMap::new());
    }
}
