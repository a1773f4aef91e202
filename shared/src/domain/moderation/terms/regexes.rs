//! The regular expressions of a list: linear in the text, limited in size.

use std::sync::OnceLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use unicode_segmentation::UnicodeSegmentation;

use super::automaton::Found;
use super::written::{Kind, Term};
use crate::domain::error::ChatError;
use crate::domain::text::characters::is_formatting;

/// Bytes of one compiled expression, and half of those of all together.
const MAX_COMPILED: usize = 512 * 1024;
/// Further occurrences of an expression are one that reaches to the end: each search may read the whole rest of the text.
const MAX_FOUND: usize = 64;

/// All expressions: one set tells whether any matches, and only those that do are looked for alone.
#[derive(Debug, Default)]
pub(super) struct Regexes {
    set: RegexSet,
    each: Vec<Expression>,
}

#[derive(Debug)]
struct Expression {
    term: usize,
    pattern: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Regexes {
    /// Compiles the expressions among the terms.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with the position, in characters from 0, of what is wrong in an expression.
    pub(super) fn new(terms: &[Term]) -> Result<Regexes, ChatError> {
        let mut each = Vec::new();
        for (index, term) in terms.iter().enumerate().filter(|(_, term)| term.kind == Kind::Regex) {
            check(index, &term.term)?;
            each.push(Expression { term: index, pattern: term.term.clone(), compiled: OnceLock::new() });
        }
        let set = RegexSetBuilder::new(each.iter().map(|one| &one.pattern)).size_limit(2 * MAX_COMPILED).build();
        let set =
            set.map_err(|_| ChatError::InvalidRequest("The regular expressions are too large together".into()))?;
        Ok(Regexes { set, each })
    }

    /// Tells the occurrences of each expression that matches.
    pub(super) fn find(&self, text: &str, mut tell: impl FnMut(Found)) {
        if self.each.is_empty() {
            return;
        }
        let clean = Clean::of(text);
        for one in self.set.matches(&clean.text) {
            let one = &self.each[one];
            // Both were compiled under the same limit when the list was checked.
            let Some(regex) = one.compiled.get_or_init(|| compile(&one.pattern).ok()) else { continue };
            let found = regex.find_iter(&clean.text).filter(|hit| !hit.is_empty()).take(MAX_FOUND).enumerate();
            for (count, hit) in found {
                let end = if count + 1 == MAX_FOUND { clean.text.len() } else { hit.end() };
                let (start, end) = clean.original(hit.start(), end);
                tell(Found { term: Some(one.term), start, end });
            }
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_COMPILED).build()
}

fn check(index: usize, pattern: &str) -> Result<(), ChatError> {
    let invalid = |detail: String| Err(ChatError::InvalidRequest(format!("terms[{index}].term {detail}")));
    let (fault, offset) = match regex_syntax::parse(pattern) {
        Ok(_) => match compile(pattern).map(|regex| regex.is_match("")) {
            Ok(false) => return Ok(()),
            Ok(true) => return invalid("matches the empty text".to_owned()),
            Err(_) => return invalid("is too large a regular expression".to_owned()),
        },
        Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), error.span().start.offset),
        Err(regex_syntax::Error::Translate(error)) => (error.kind().to_string(), error.span().start.offset),
        Err(error) => (error.to_string(), 0),
    };
    let position = pattern.get(..offset).map_or(0, |before| before.chars().count());
    invalid(format!("is no regular expression: at position {position}: {fault}"))
}

/// A text in lower case, by NFKC and without invisible characters.
pub(super) struct Clean {
    pub(super) text: String,
    /// For each grapheme its offset in `text`, and its first character in the original.
    graphemes: Vec<(usize, usize)>,
}

impl Clean {
    pub(super) fn of(text: &str) -> Clean {
        let composed = ComposingNormalizerBorrowed::new_nfkc();
        let mut clean = Clean { text: String::with_capacity(text.len()), graphemes: Vec::new() };
        let mut at = 0;
        for grapheme in text.graphemes(true) {
            clean.graphemes.push((clean.text.len(), at));
            at += grapheme.chars().count();
            let visible: String = grapheme.chars().filter(|c| !is_formatting(*c)).collect();
            clean.text += &composed.normalize(&visible).to_lowercase();
        }
        clean.graphemes.push((clean.text.len(), at));
        clean
    }

    /// The original characters of a part that is not empty, in whole graphemes.
    fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.graphemes.partition_point(|(offset, _)| *offset <= start) - 1;
        let past = self.graphemes.partition_point(|(offset, _)| *offset < end).min(self.graphemes.len() - 1);
        (self.graphemes[first].1, self.graphemes[past].1)
    }
}
