//! One small handler per REST route, WebSocket hook and background job.
//!
//! [`table`] lists the functions: the name of each, which is that of its Lambda binary in `src/bin`, and its handlers, which are
//! in [`routes`], [`hooks`] and [`jobs`]. [`runtime`] serves a function on Lambda, [`local`] calls one in this process with the
//! same events.

pub mod function;
pub mod hooks;
mod in_process;
pub mod jobs;
pub mod local;
mod returned;
pub mod routes;
pub mod runtime;
pub mod table;
