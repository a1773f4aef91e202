//! Draws: their rows, the freeze of the list of entrants, and what everybody reads of them. Staff start, reveal and redraw them by acts of
//! moderation.

pub mod api;
pub mod freeze;
pub mod list;
pub mod store;
pub mod store_entrants;
