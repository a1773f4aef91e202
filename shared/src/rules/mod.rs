//! Pure rules: what is allowed, what it means and how it looks on the wire.

pub mod caller;
pub mod coalesce;
pub mod config;
pub mod emf;
pub mod error;
pub mod event;
pub mod flow;
pub mod frame;
pub mod message;
pub mod page;
pub mod rate;
pub mod schedule;
pub mod session;
pub mod settle;
pub mod silence;
pub mod ticket;
pub mod time;
