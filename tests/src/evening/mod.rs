//! An evening as a host: viewers talk, spammers spam, one moderator bans them, and a table says what each of them noticed.
//!
//! It measures and is no test: its people act in real time, and its pauses are their pace, not waits for an outcome.

mod log;
mod moderator;
mod people;
mod play;
mod report;
mod scene;
mod spammer;
mod viewer;

pub use self::people::Evening;
pub use self::report::Report;
