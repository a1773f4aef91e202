//! The list of terms: its versions in the table, and the compiled one of a warm function.

pub mod known;
pub mod list;
pub mod store;
