//! The program: its command line and its commands.

mod command;
pub mod settings;

pub use command::main;
