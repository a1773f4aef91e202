//! Chat windows and their counters.

pub mod resolve;
pub mod stats;
pub mod store;
