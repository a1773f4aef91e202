//! The program: its command line and its commands.

mod command;
pub mod export;
pub mod settings;
pub mod token_args;
mod values;

pub use command::main;
