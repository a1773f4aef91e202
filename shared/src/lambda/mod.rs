//! Turns Lambda's events into calls of features and the broadcast, and their results into responses.

pub mod app;
pub mod exchange;
pub mod http;
pub mod invocation;
pub mod log;
pub mod origin;
pub mod outward;
pub mod reply;
pub mod stream;
pub mod websocket;
