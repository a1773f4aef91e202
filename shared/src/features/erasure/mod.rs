//! Erasures: whatever tells of a user goes, from all sessions (docs/contract.md, Erasure).
//!
//! An act notes the erasure; `housekeep` carries it out in slices, each minute, and its row says how far it has come. Each step may be
//! repeated. [`kinds`] lists the rows of a user.

mod hosted;
pub mod kinds;
mod messages;
pub mod run;
mod session;
pub mod store;
