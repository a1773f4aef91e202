//! Reactions: emojis that viewers send without a message, and that are counted for the whole room (docs/contract.md, Reactions).

pub mod rate;
pub mod set;
pub mod state;
