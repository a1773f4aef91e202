//! The viewers of a session.

pub(crate) mod known_staff;
pub mod seen;
pub(crate) mod seen_lately;
pub mod staff_names;
pub mod store;
pub mod store_present;
pub mod store_uncounted;
