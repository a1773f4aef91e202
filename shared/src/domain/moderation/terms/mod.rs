//! A list of terms that no message may have (docs/moderation.md, Words): parsed, judged by, masked by. No I/O.

mod automaton;
mod judge;
mod list;
mod patterns;
mod regexes;
mod request;
#[cfg(test)]
mod tests;
mod written;

pub use judge::{Match, Verdict};
pub use list::{MAX_BYTES, MAX_REGEXES, MAX_TERM, MAX_TERMS, TermList};
pub use request::{IfMatch, MAX_TESTED, TestedText};
pub use written::{Action, Kind, Term, Terms};
