//! Open sockets: their life, their frames, their places in the room.

pub mod dispatch;
pub(crate) mod frame_budget;
pub mod limit_frames;
pub mod store;
