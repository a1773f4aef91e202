//! The load tool: how fast a chat is, by measurement, and whether anything was lost, repeated or disordered.
//!
//! * [`args`]: the options. [`run()`] makes a run; [`report`] is its result, for people or as JSON.
//! * [`target`], [`transport`], [`http`], `frames`, `protocol`: the chat's address, connections to it, requests, frames, and their meaning.
//!   The first three serve the command `export`, too.
//! * `tokens`: a user for every viewer and sender.
//! * `viewers`, each a `viewer`: sockets that join, listen and leave. They share the `room`, whose `message_mark` finds messages in frames and whose
//!   `ledger` keeps the account.
//! * `send`: senders, in an open or a closed loop. `rest`: callers of the REST API.
//! * `gateway`: a gateway for one run; `processes`: CPU and memory of the chat; `tool_usage`: keeps this tool out of the way, and tells
//!   whether it is the limit.
//!
//! One thread does everything, so that it takes one core at most, and its share can be told apart.

pub mod args;
mod error;
mod frames;
mod gateway;
mod histogram;
pub mod http;
mod ledger;
mod message_mark;
mod processes;
mod protocol;
pub mod report;
mod rest;
mod room;
mod run;
mod seen;
mod send;
mod send_outcome;
mod socket_writer;
pub mod target;
mod tokens;
mod tool_usage;
pub mod transport;
mod viewer;
mod viewers;

pub use args::LoadArgs;
pub use error::LoadError;
pub use report::Report;
pub use run::run;
pub use tokens::TokenMaker;
