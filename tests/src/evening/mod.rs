//! An evening as a host: viewers talk, spammers spam, one moderator bans them, and a table says what each of them noticed.

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
