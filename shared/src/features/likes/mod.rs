//! Likes of a session and of its messages: each user counts once.

pub mod api;
pub mod like;
pub mod store;
