//! The WebSocket protocol: one enum for each direction.

pub mod client_frame;
pub mod server_frame;
