//! What reaches out of the process: the tables, tokens, sockets and the `fan-out` function.

pub mod aws;
pub mod fan_out;
pub mod meter;
pub mod sockets;
pub mod store;
pub mod token;
