//! Metrics: what there is to measure, and how values are gathered and printed.

pub mod emf;
pub mod meter;
