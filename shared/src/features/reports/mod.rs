//! Reports of messages by viewers: each user counts once for a message.

pub mod api;
pub mod hide;
pub mod list;
pub mod report;
pub mod store;
pub mod store_tally;
