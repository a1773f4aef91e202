//! Messages: sent once, read in pages, deleted, purged.

mod admit;
pub mod api;
pub mod cover;
pub mod delete;
pub mod history;
mod judge;
mod reply;
mod review;
pub mod send;
pub mod store;
pub mod store_authors;
pub mod store_by_user;
pub mod store_changes;
pub mod store_cover;
pub mod store_deletion;
pub mod store_entries;
pub mod store_hidden;
pub mod store_kept;
mod store_newest;
pub mod store_pages;
pub mod store_pins;
pub mod store_quotes;
pub mod store_rate;
pub mod store_receipts;
pub mod store_removal;
pub mod store_send;
pub mod stored_message;
