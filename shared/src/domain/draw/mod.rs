//! Draws: winners among the people of a session, chosen so that anybody can check it (docs/draws.md).

pub mod draft;
pub mod permutation;
pub mod person;
pub mod state;
pub mod stored;
pub mod view;
