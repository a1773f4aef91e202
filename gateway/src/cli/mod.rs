//! The program: its command line, and what each command does.

mod command;
pub mod settings;

pub use command::main;
