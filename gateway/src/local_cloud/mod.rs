//! The whole chat on this machine: [`Gateway::start`](gateway::Gateway::start) puts the parts together as [`options`] say.

mod environment;
pub mod environment_file;
pub mod gateway;
pub mod options;
pub mod secret;
mod start;
pub mod transports;
