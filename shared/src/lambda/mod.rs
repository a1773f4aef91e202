//! Where Lambda's events become calls of the use cases, and results become responses.

pub mod app;
pub mod http;
pub mod invocation;
pub mod log;
pub mod stream;
pub mod websocket;
