//! Faults on purpose: what DynamoDB, `@connections`, Lambda and the clock do on a bad day, from one seed.
//!
//! * [`kind`]: every fault, and what the proxy does for it; [`plan`] decides from a seed or a script who meets which;
//! * [`batches`]: stream batches that fail, and what Lambda makes of them;
//! * [`killer`]: ends running functions, in this process or as processes;
//! * [`ledger`]: counts what was injected.

pub mod batches;
pub mod killer;
pub mod kind;
pub mod ledger;
pub mod plan;
