//! The WebSocket protocol: one enum for each direction.

pub mod client_frame;
pub mod log_event;
pub mod server_frame;
