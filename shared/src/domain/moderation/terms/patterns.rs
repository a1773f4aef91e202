//! A term as runs of folded characters.

use super::written::Kind;
use crate::domain::error::ChatError;
use crate::domain::moderation::fold::fold;
use crate::domain::moderation::views::{Leet, Run, runs, with_leet};

/// A term for the automaton.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The index in `terms`; `None` for an allowed word.
    pub(super) term: Option<usize>,
    /// The readings: of the term as written, and with leet as letters. An automaton looks for their keys.
    pub(super) readings: Vec<Vec<(char, usize)>>,
    /// Whether a word may go on before the term, and after it.
    pub(super) open_start: bool,
    pub(super) open_end: bool,
}

/// The key of runs: each character once.
pub(super) fn key(characters: impl Iterator<Item = char>) -> String {
    characters.collect()
}

/// Reads a term with its wildcards.
pub(super) fn pattern(name: &str, term: &str, kind: Kind, index: Option<usize>) -> Result<Pattern, ChatError> {
    let trimmed = term.trim();
    let inner = trimmed.trim_matches('*');
    if inner.is_empty() {
        let fault = if trimmed.is_empty() { "is white space alone" } else { "is of wildcards alone" };
        return Err(ChatError::InvalidRequest(format!("{name} {fault}")));
    }
    if inner.contains('*') {
        return Err(ChatError::InvalidRequest(format!("{name} has a * inside; it stands only at an end")));
    }
    let glyphs = fold(inner);
    let mut readings: Vec<Vec<(char, usize)>> = Vec::new();
    for reading in [glyphs.clone(), with_leet(&glyphs, Leet::I), with_leet(&glyphs, Leet::L)] {
        let read = runs(reading.into_iter().map(|glyph| (glyph, false)));
        let read = trimmed_runs(&read);
        if !read.is_empty() && !readings.contains(&read) {
            readings.push(read);
        }
    }
    if readings.is_empty() {
        return Err(ChatError::InvalidRequest(format!("{name} has no letter and no digit")));
    }
    let is_substring = kind == Kind::Substring;
    let (open_start, open_end) = (is_substring || trimmed.starts_with('*'), is_substring || trimmed.ends_with('*'));
    Ok(Pattern { term: index, readings, open_start, open_end })
}

/// Characters and counts without the separators at the ends. A run of three or more counts as two.
fn trimmed_runs(runs: &[Run]) -> Vec<(char, usize)> {
    let is_letter = |run: &Run| run.c != ' ';
    let (Some(first), Some(last)) = (runs.iter().position(is_letter), runs.iter().rposition(is_letter)) else {
        return Vec::new();
    };
    runs[first..=last].iter().map(|run| (run.c, run.count.min(2))).collect()
}

/// Whether a run of the text is as long as the term's asks: three or more equal letters count as one and as two.
pub(super) fn agrees(asked: usize, run: &Run, is_open: bool) -> bool {
    run.c == ' ' || run.count >= 3 || run.count == asked || (is_open && run.count > asked)
}
