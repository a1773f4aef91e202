//! Messages: sent once, read in pages, deleted.

pub mod api;
pub mod delete;
pub mod history;
pub mod send;
pub mod store;
pub mod store_by_user;
pub mod store_changes;
pub mod store_pages;
pub mod store_rate;
pub mod store_send;
