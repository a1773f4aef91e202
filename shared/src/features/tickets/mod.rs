//! Tickets: a caller fetches one over REST, and one handshake presents it instead of the token.

pub mod api;
pub mod store;
pub mod ticket;
