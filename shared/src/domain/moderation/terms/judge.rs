//! What a list says about a text.

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use super::automaton::Found;
use super::list::TermList;
use super::written::{Action, Kind};
use crate::domain::moderation::fold::fold;
use crate::domain::moderation::views::{Leet, runs, views, with_leet};

/// Further occurrences of a term are one that reaches to the end.
const MAX_FOUND: usize = 64;
/// What is left after so many rounds of masking is masked whole.
const MAX_ROUNDS: usize = 4;

/// An occurrence of a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Match {
    /// The term as it was written.
    pub term: String,
    /// How it is compared.
    #[serde(rename = "match")]
    pub kind: Kind,
    /// What happens.
    pub action: Action,
    /// The first character of the original text, counted from 0 in characters (Unicode scalar values).
    pub start: usize,
    /// The character past the last one.
    pub end: usize,
}

/// All that a list says about a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// By their place, then by the list's order.
    pub matches: Vec<Match>,
    /// The strongest action; `None` if no term matches.
    pub action: Option<Action>,
    /// The explanation of the first term with that action that has one.
    pub explanation: Option<String>,
}

impl TermList {
    /// Judges a text. The work is linear in the text and in the occurrences.
    pub fn judge(&self, text: &str) -> Verdict {
        let found = self.find(text);
        let action = found.iter().map(|(term, ..)| self.written.terms[*term].action).max();
        let strongest = found.iter().map(|(term, ..)| &self.written.terms[*term]).filter(|t| Some(t.action) == action);
        let explanation = strongest.filter_map(|term| term.explanation.clone()).next();
        let matches = found.iter().map(|(term, start, end)| {
            let term = &self.written.terms[*term];
            Match { term: term.term.clone(), kind: term.kind, action: term.action, start: *start, end: *end }
        });
        Verdict { matches: matches.collect(), action, explanation }
    }

    /// The text with `*` for each character, as readers count them, of the terms whose action is `mask`. White space stays.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for _ in 0..MAX_ROUNDS {
            let covered = self.to_mask(&masked);
            if covered.is_empty() {
                return masked;
            }
            masked = stars(&masked, &covered);
        }
        // Masks that join what was apart, again and again, are made on purpose.
        if self.to_mask(&masked).is_empty() { masked } else { stars(&masked, &[(0, usize::MAX)]) }
    }

    /// A text as terms are compared with it: folded, leet read as letters, stretched letters twice (`POST …/terms/test`).
    pub fn normalized(text: &str) -> String {
        let read = runs(with_leet(&fold(text), Leet::I).into_iter().map(|glyph| (glyph, false)));
        let letters = read.iter().flat_map(|run| {
            let count = if run.c == ' ' { 1 } else { run.count.min(2) };
            std::iter::repeat_n(run.c, count)
        });
        letters.collect::<String>().trim().to_owned()
    }

    fn to_mask(&self, text: &str) -> Vec<(usize, usize)> {
        let masks = |term: &usize| self.written.terms[*term].action == Action::Mask;
        let found = self.find(text).into_iter().filter(|(term, ..)| masks(term));
        union(found.map(|(_, start, end)| (start, end)).collect())
    }

    /// Each term's occurrences outside allowed words, by their place: the term's index, its first character and the one past it.
    fn find(&self, text: &str) -> Vec<(usize, usize, usize)> {
        let (mut found, mut allowed) = (vec![Vec::new(); self.written.terms.len()], Vec::new());
        let mut sort = |Found { term, start, end }: Found| match term {
            Some(term) => found[term].push((start, end)),
            None => allowed.push((start, end)),
        };
        for view in views(&fold(text)) {
            self.automaton.find(&view, &mut sort);
        }
        self.regexes.find(text, &mut sort);
        let allowed = union(allowed);
        let mut all = Vec::new();
        for (term, mut places) in found.into_iter().enumerate().filter(|(_, places)| !places.is_empty()) {
            places.retain(|place| !is_within(*place, &allowed));
            let mut places = union(places);
            if let Some((_, last)) = places.get(MAX_FOUND..).and_then(<[_]>::last).copied() {
                places.truncate(MAX_FOUND);
                places[MAX_FOUND - 1].1 = last;
            }
            all.extend(places.into_iter().map(|(start, end)| (term, start, end)));
        }
        all.sort_by_key(|(term, start, end)| (*start, *end, *term));
        all
    }
}

/// Overlapping places as one, by their order.
fn union(mut places: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    places.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::with_capacity(places.len());
    for (start, end) in places {
        match joined.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// Whether a place lies in one of those that are in order.
fn is_within((start, end): (usize, usize), places: &[(usize, usize)]) -> bool {
    let after = places.partition_point(|(from, _)| *from <= start);
    after > 0 && end <= places[after - 1].1
}

fn stars(text: &str, covered: &[(usize, usize)]) -> String {
    let (mut at, mut masked) = (0, String::with_capacity(text.len()));
    for grapheme in text.graphemes(true) {
        let past = at + grapheme.chars().count();
        let next = covered.partition_point(|(_, end)| *end <= at);
        let is_covered = covered.get(next).is_some_and(|(start, _)| *start < past);
        let is_star = is_covered && !grapheme.chars().all(char::is_whitespace);
        masked.push_str(if is_star { "*" } else { grapheme });
        at = past;
    }
    masked
}
