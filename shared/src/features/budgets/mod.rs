//! The budgets of a user: frames, handshakes, tickets and pages in a minute, over all sockets, calls and sessions.

pub(crate) mod counts;
pub mod spend;
pub mod store;
