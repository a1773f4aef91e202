//! HTTP below the APIs: listeners and connections, their limits, and the small replies that every API makes.

pub mod door;
pub mod header_case;
pub mod limits;
pub(crate) mod list_header;
pub mod listeners;
pub mod peer;
pub(crate) mod reply;
pub mod serve;
pub mod service;
pub(crate) mod write_timeout;
