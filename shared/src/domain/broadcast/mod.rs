//! The decisions of the broadcast, without a table or a socket.

pub mod backpressure;
pub mod coalesce;
pub mod gaps;
pub mod lifecycle;
pub mod missed_wakeups;
pub mod turn;
