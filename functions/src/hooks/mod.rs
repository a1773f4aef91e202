//! The hooks of the WebSocket API, a file each. What goes wrong is part of the answer.

pub mod ws_connect;
pub mod ws_disconnect;
pub mod ws_message;
