//! Who is watching.

pub mod seen;
pub(crate) mod seen_lately;
pub mod store;
