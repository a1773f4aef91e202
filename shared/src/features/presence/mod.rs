//! Who is watching.

pub mod seen;
pub mod store;
