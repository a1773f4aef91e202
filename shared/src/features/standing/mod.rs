//! The standing of users: which sanctions hold. Everything that a user does asks it.

pub mod check;
pub mod kept;
pub mod store;
