//! The CPU time of this thread, and the median of several rounds.

use std::time::Duration;

/// The median of so many rounds; their number is odd.
pub(crate) fn median(rounds: usize, mut round: impl FnMut() -> f64) -> f64 {
    let mut figures: Vec<f64> = (0..rounds).map(|_| round()).collect();
    figures.sort_by(f64::total_cmp);
    figures[rounds / 2]
}

/// CPU time of this thread so far.
pub(crate) fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux reports it");
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("a number");
    Duration::from_nanos(nanos)
}
