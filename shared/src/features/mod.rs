//! What the chat does, a folder for each feature: its rows in `store.rs`, and its verbs.

pub mod chat;
pub mod likes;
pub mod messages;
pub mod presence;
pub mod sessions;
pub mod sockets;
pub mod tickets;
