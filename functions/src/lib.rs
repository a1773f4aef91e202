//! One small handler per REST route, WebSocket hook and background job.
//!
//! Each module holds one handler; `src/bin` has a main of a few lines for each, which is the Lambda binary. [`runtime`] serves
//! a handler on Lambda, [`local`] calls one in this process with the same events.

pub mod local;
pub mod runtime;

pub mod delete_message;
pub mod like;
pub mod like_message;
pub mod likes;
pub mod messages;
pub mod send_message;
pub mod stats;
pub mod status;
pub mod ticket;
pub mod viewers;

pub mod ws_connect;
pub mod ws_disconnect;
pub mod ws_message;

pub mod broadcast;
pub mod fan_out;
pub mod housekeep;
