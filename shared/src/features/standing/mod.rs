//! The standing of users: which sanctions hold. Everything that a user does asks it.

pub mod check;
pub mod erasure_key;
pub mod kept;
pub mod store;
