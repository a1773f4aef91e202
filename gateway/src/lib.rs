//! The local cloud in one binary: what AWS does for the chat in production, faithful where it matters. Each folder imports only those
//! below it:
//!
//! * [`cli`]: the command line; [`main`] is the program.
//! * [`local_cloud`]: a running [`Gateway`], its options, and what it keeps in the data folder.
//! * [`site`]: the page, its documents and its health, and development tokens.
//! * [`apis`]: the edge, the HTTP API, the WebSocket API, `@connections`, Lambda's Invoke API, and the router before them.
//! * [`cloud`]: the Lambda [`engine`], the DynamoDB [`database`], the event source mapping, the schedule, and the [`template`] that
//!   configures them all.
//! * [`http`]: connections, their [`limits`], and replies.

pub mod apis;
pub mod cli;
pub mod cloud;
pub mod http;
pub mod local_cloud;
pub mod site;

pub use apis::http_api::Cors;
pub use cli::{main, settings};
pub use cloud::database::Data;
pub use cloud::schedule::ScheduleMode;
pub use cloud::{database, engine, template};
pub use http::{door, limits, serve};
pub use local_cloud::gateway::Gateway;
pub use local_cloud::options::{EngineMode, Options, StartError};
pub use site::{page_settings, pages, token};
