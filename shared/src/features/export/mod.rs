//! Exports of sessions: the log of a session and its acts of moderation, page by page (docs/contract.md, Export).

pub mod acts;
pub mod export;
mod log;
