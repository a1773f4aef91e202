//! Polls: a question of the host that viewers answer with one vote each (docs/contract.md, Polls).

pub mod draft;
pub mod state;
pub mod stored;
pub mod view;
