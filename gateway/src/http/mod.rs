//! HTTP below the APIs: listeners and connections, their limits, and the small replies that every API makes.

pub(crate) mod header_case;
pub mod limits;
pub(crate) mod peer;
pub(crate) mod reply;
pub mod serve;
pub(crate) mod write_timeout;
