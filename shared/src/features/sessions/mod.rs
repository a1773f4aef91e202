//! Sessions and rooms, with their counters.

pub mod api;
pub(crate) mod free;
pub(crate) mod known;
pub mod list;
pub mod resolve;
pub mod rules;
pub mod stats;
pub mod store;
pub mod store_bookings;
pub mod store_event_seq;
pub mod store_list;
pub mod store_modes;
pub mod store_opening;
pub mod store_rules;
pub mod store_seq;
pub mod store_settings;
pub mod store_terms;
pub mod store_windows;
