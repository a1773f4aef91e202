//! Messages that are held until it is decided on them (docs/contract.md, Held messages). Nobody but their authors and staff sees them.
//!
//! Staff decide by acts of moderation; what nobody decides is denied here.

pub mod decide;
pub mod hold;
pub mod list;
pub mod store;
pub mod store_waiting;
