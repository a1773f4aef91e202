//! Open sockets: their opening and closing, their frames, and the rooms that they are in.

pub mod dispatch;
pub mod limit_frames;
pub mod limit_sockets;
pub mod store;
mod store_lagging;
pub mod store_outbox;
pub mod store_subscribers;
