//! Injected faults of DynamoDB, `@connections`, Lambda and the clock, from one seed.
//!
//! * [`kind`]: every fault, and how the proxy plays it; [`plan`] decides from a seed or a script which call meets which;
//! * [`batches`]: stream batches that fail, and how Lambda delivers them again;
//! * [`killer`]: ends running functions, in this process or as processes;
//! * [`ledger`]: counts the injected faults.

pub mod batches;
pub mod killer;
pub mod kind;
pub mod ledger;
pub mod plan;
