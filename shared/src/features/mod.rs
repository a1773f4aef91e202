//! The features of the chat, a folder for each: its rows in `store.rs`, and a file for each of its actions.

pub mod budgets;
pub mod chat;
pub mod draws;
pub mod erasure;
pub mod export;
pub mod held;
pub mod likes;
pub mod messages;
pub mod moderation;
pub mod outward;
pub mod polls;
pub mod presence;
pub mod reactions;
pub mod reports;
pub mod review;
pub mod sessions;
pub mod sockets;
pub mod standing;
pub mod terms;
pub mod tickets;
