//! Metrics: their format, and the meter that collects and prints them.

pub mod emf;
pub mod meter;
