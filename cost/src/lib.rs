//! The cost of an event in the cloud, before it takes place: `cargo run -- cost`.
//!
//! [`args`] are its options and the page that it prints; [`event`] holds the assumptions; [`counts`] are the quantities that AWS meters (a pure
//! model, which the tests hold against a real run), from the capacity of each request ([`units`], measured, too); [`bill`] multiplies that by the
//! [`prices`]. [`attack`] and [`idle`] are the pages of an attacker's hour and of a month in which nobody comes.

pub mod args;
pub mod attack;
pub mod bill;
pub mod counts;
pub mod event;
mod figures;
pub mod idle;
pub mod prices;
pub mod units;

pub use args::CostArgs;
