//! The whole chat on this machine: [`gateway`] puts the parts together as [`options`] say.

pub mod environment_file;
pub mod gateway;
pub mod options;
pub mod secret;
