//! Polls: each user has one vote, which may be changed. Staff start and close polls by acts of moderation.

pub mod api;
pub mod end;
pub mod list;
pub mod store;
pub mod store_votes;
pub mod vote;
