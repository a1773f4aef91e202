//! The viewers of a session.

pub mod seen;
pub(crate) mod seen_lately;
pub mod store;
pub mod store_present;
pub mod store_uncounted;
