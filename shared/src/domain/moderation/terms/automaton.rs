//! All words and substrings of a list, looked for at once.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::patterns::{Pattern, agrees, key};
use crate::domain::error::ChatError;
use crate::domain::moderation::views::Run;

/// Where a pattern stands in the original text, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The index in `terms`; `None` for an allowed word.
    pub(super) term: Option<usize>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An Aho-Corasick automaton over the keys: its work is linear in the text and its occurrences.
#[derive(Debug)]
pub(super) struct Automaton {
    keys: AhoCorasick,
    /// For each key, the patterns with it and which of their readings it is.
    behind: Vec<Vec<(usize, usize)>>,
    patterns: Vec<Pattern>,
}

impl Automaton {
    /// Builds the automaton.
    ///
    /// # Errors
    /// If the automaton would be larger than its states can be numbered; [`super::MAX_BYTES`] is far from that.
    pub(super) fn new(patterns: Vec<Pattern>) -> Result<Automaton, ChatError> {
        let (mut keys, mut behind, mut known) = (Vec::new(), Vec::<Vec<(usize, usize)>>::new(), HashMap::new());
        for (index, pattern) in patterns.iter().enumerate() {
            for (reading, runs) in pattern.readings.iter().enumerate() {
                let key = key(runs.iter().map(|(c, _)| *c));
                let at = *known.entry(key.clone()).or_insert_with(|| {
                    keys.push(key);
                    behind.push(Vec::new());
                    keys.len() - 1
                });
                behind[at].push((index, reading));
            }
        }
        let keys = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .prefilter(false)
            .build(keys)
            .map_err(|error| ChatError::InvalidRequest(format!("The terms cannot be compiled: {error}")))?;
        Ok(Automaton { keys, behind, patterns })
    }

    /// Tells every occurrence in one reading of a text.
    pub(super) fn find(&self, view: &[Run], mut tell: impl FnMut(Found)) {
        let text = key(view.iter().map(|run| run.c));
        let offsets: Vec<usize> = text.char_indices().map(|(offset, _)| offset).collect();
        for hit in self.keys.find_overlapping_iter(&text) {
            // Keys begin and end between characters, because UTF-8 synchronises itself.
            let first = offsets.partition_point(|offset| *offset < hit.start());
            let last = offsets.partition_point(|offset| *offset < hit.end());
            for (pattern, reading) in &self.behind[hit.pattern().as_usize()] {
                let pattern = &self.patterns[*pattern];
                if is_occurrence(pattern, &pattern.readings[*reading], view, first) {
                    tell(Found { term: pattern.term, start: view[first].start, end: view[last - 1].end });
                }
            }
        }
    }
}

/// Whether the runs from `first` on are long enough, and begin and end where the pattern may.
fn is_occurrence(pattern: &Pattern, runs: &[(char, usize)], view: &[Run], first: usize) -> bool {
    let (last, past) = (runs.len() - 1, first + runs.len());
    let is_start = || first == 0 || view[first - 1].c == ' ' || view[first].begins;
    let is_end = || view.get(past).is_none_or(|run| run.c == ' ');
    (pattern.open_start || is_start())
        && (pattern.open_end || is_end())
        && runs.iter().zip(&view[first..past]).enumerate().all(|(index, ((_, asked), run))| {
            agrees(*asked, run, (index == 0 && pattern.open_start) || (index == last && pattern.open_end))
        })
}
