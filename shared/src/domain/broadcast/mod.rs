//! The decisions of the broadcast, free of tables and sockets.

pub mod audience;
pub mod backpressure;
pub mod coalesce;
pub mod gaps;
pub mod lifecycle;
pub mod missed_wakeups;
pub mod notice;
pub mod posting_rate;
pub mod turn;
