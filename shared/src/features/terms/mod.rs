//! The list of terms: its versions in the table, and what a warm function knows of the newest.

pub mod clickable;
pub mod known;
pub mod list;
pub mod store;
