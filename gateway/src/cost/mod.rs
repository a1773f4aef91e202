//! What an event costs in the cloud, before it takes place: `cargo run -- cost`.
//!
//! [`event`] is what is assumed, [`counts`] what AWS then meters (a pure model, which the tests hold against a real run), [`units`] what
//! each request consumes (measured, too), [`prices`] what that costs, [`bill`] the result.

pub mod args;
pub mod bill;
pub mod counts;
pub mod event;
pub mod prices;
pub mod units;
