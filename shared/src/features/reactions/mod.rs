//! Reactions of the room: counted, not attributed.

pub mod api;
pub mod react;
pub mod store;
pub mod store_rate;
