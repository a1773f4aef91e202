//! Exports of sessions: the log of a session and its acts of moderation, page by page (docs/contract.md, Export).

mod acts;
mod log;
pub mod page;
