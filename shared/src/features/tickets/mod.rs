//! Tickets: a caller fetches one over REST, and one handshake takes it in place of the token.

pub mod store;
pub mod ticket;
