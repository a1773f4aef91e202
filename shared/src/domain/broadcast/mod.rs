//! The decisions of the broadcast, without a table or a socket.

pub mod coalesce;
pub mod flow;
pub mod settle;
pub mod silence;
