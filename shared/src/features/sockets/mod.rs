//! Open sockets: their life, their frames, their places in the room.

pub mod dispatch;
pub mod frame_budget;
pub mod store;
