//! A list of terms that no message may have (docs/moderation.md, Words): parsed, judged by, masked by. No I/O.

mod automaton;
mod judge;
mod list;
mod patterns;
mod regexes;
#[cfg(test)]
mod tests;

pub use judge::{Match, Verdict};
pub use list::{Action, Kind, MAX_BYTES, MAX_REGEXES, MAX_TERM, MAX_TERMS, Term, TermList, Terms};
