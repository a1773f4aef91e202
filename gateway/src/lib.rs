//! The local cloud in one binary: what AWS does for the chat in production, faithful where it matters.
//!
//! * [`doors`]: the edge with the HTTP API and the WebSocket API behind it, `@connections`, Lambda's Invoke API.
//!   [`serve`] puts them on ports; [`elsewhere`] is the edge alone, before doors that others run; [`limits`] holds every number at which they say no.
//! * [`engine`]: runs functions on raw event JSON.
//! * [`database`]: DynamoDB, embedded; [`mapping`] brings its stream to `broadcast`; [`schedule`] rings `housekeep`.
//! * [`template`]: all of that as `template.yaml` says it.
//! * [`cost`]: what an event costs in the cloud.
//! * [`settings`], [`secret`], [`token`], [`pages`]: what only a local run has.
//!
//! [`local_cloud`] puts it together, and [`main`] is the program.

mod api_docs;
mod command;
pub mod connections;
pub mod cost;
pub mod database;
pub mod doors;
mod edge;
pub mod elsewhere;
pub mod engine;
pub mod environment_file;
mod events;
mod header_case;
mod health;
pub mod http_door;
mod invoke_door;
pub mod limits;
pub mod local_cloud;
mod management_door;
pub mod mapping;
pub mod options;
pub mod pages;
mod patience;
mod peer;
mod reply;
pub mod schedule;
pub mod secret;
pub mod serve;
pub mod settings;
pub mod template;
pub mod token;
mod websocket_door;

pub use command::main;
pub use database::Data;
pub use local_cloud::Gateway;
pub use options::{EngineMode, Options, StartError};
pub use schedule::ScheduleMode;
