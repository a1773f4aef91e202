//! Faults injected into DynamoDB, `@connections`, Lambda and the clock, from one seed.
//!
//! * [`kind`]: every fault, and how the proxy injects it; [`plan`] decides from a seed or a script which call meets which fault;
//! * [`batches`]: stream batches that fail, and how Lambda delivers them again;
//! * [`killer`]: kills running functions, in this process or as processes;
//! * [`ledger`]: counts the injected faults.

pub mod batches;
pub mod killer;
pub mod kind;
pub mod ledger;
pub mod plan;
