//! Histograms of latencies, in microseconds.

use hdrhistogram::Histogram;

/// Latencies are kept to three digits, up to ten minutes.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("these bounds are valid")
}

/// Records a time; one beyond the maximum counts as the maximum.
pub(crate) fn note(histogram: &mut Histogram<u64>, us: u64) {
    histogram.saturating_record(us.max(1));
}
