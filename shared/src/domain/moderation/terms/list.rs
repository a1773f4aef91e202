//! The list as hosts write it.

use std::collections::HashSet;

use super::automaton::Automaton;
use super::patterns::{Pattern, pattern};
use super::regexes::Regexes;
use super::written::{Kind, Terms};
use crate::domain::error::ChatError;
use crate::domain::moderation::links::{self, Link};

/// Terms of a list, and as many words in `allow` and domains in `link_domains`.
pub const MAX_TERMS: usize = 1_000;
/// Characters of a term, an explanation, an allowed word or a domain.
pub const MAX_TERM: usize = 260;
/// Bytes of a list as JSON.
pub const MAX_BYTES: usize = 300 * 1024;
/// Regular expressions of a list.
pub const MAX_REGEXES: usize = 50;

/// A list that is ready to judge by: compile it once for a version.
#[derive(Debug)]
pub struct TermList {
    pub(super) written: Terms,
    pub(super) automaton: Automaton,
    pub(super) regexes: Regexes,
    /// `link_domains`, as [`Link::domain`] is written.
    free: HashSet<String>,
}

impl Default for TermList {
    /// The empty list.
    fn default() -> TermList {
        TermList::new(Terms::default()).expect("nothing is wrong with no terms")
    }
}

impl TermList {
    /// Reads and compiles a list.
    ///
    /// # Errors
    /// [`ChatError::TooLarge`] past [`MAX_BYTES`]; [`ChatError::InvalidRequest`] names the entry of the list that is at fault.
    pub fn parse(json: &[u8]) -> Result<TermList, ChatError> {
        if json.len() > MAX_BYTES {
            return Err(ChatError::TooLarge(format!(
                "The list of terms has {} bytes; at most {MAX_BYTES}",
                json.len()
            )));
        }
        TermList::new(Terms::parse(json)?)
    }

    /// Compiles a list.
    ///
    /// # Errors
    /// As [`TermList::parse`], but for the size.
    pub fn new(written: Terms) -> Result<TermList, ChatError> {
        check_counts(&written)?;
        let mut patterns: Vec<Pattern> = Vec::with_capacity(written.terms.len() + written.allow.len());
        for (index, term) in written.terms.iter().enumerate() {
            let name = format!("terms[{index}]");
            check_length(&format!("{name}.term"), &term.term)?;
            if let Some(explanation) = &term.explanation {
                check_length(&format!("{name}.explanation"), explanation)?;
            }
            if term.kind != Kind::Regex {
                patterns.push(pattern(&name, &term.term, term.kind, Some(index))?);
            }
        }
        for (index, word) in written.allow.iter().enumerate() {
            let name = format!("allow[{index}]");
            check_length(&name, word)?;
            patterns.push(pattern(&name, word, Kind::Word, None)?);
        }
        let mut free = HashSet::with_capacity(written.link_domains.len());
        for (index, domain) in written.link_domains.iter().enumerate() {
            let name = format!("link_domains[{index}]");
            check_length(&name, domain)?;
            free.insert(
                links::domain(domain)
                    .ok_or_else(|| ChatError::InvalidRequest(format!("{name} is no domain, such as example.com")))?,
            );
        }
        let regexes = Regexes::new(&written.terms)?;
        Ok(TermList { automaton: Automaton::new(patterns)?, regexes, free, written })
    }

    /// Whether a text has a link that leads neither to one of `link_domains` nor below one (docs/moderation.md, Links).
    pub fn has_foreign_link(&self, text: &str) -> bool {
        links::links(text).iter().any(|link| !self.allows_link(link))
    }

    /// Whether a link is free whatever the mode `links` says.
    pub fn allows_link(&self, link: &Link) -> bool {
        links::is_below(&link.domain, |parent| self.free.contains(parent))
    }

    /// Whether a name may be shown: it matches no term, whatever the term's action is (docs/moderation.md, Names).
    pub fn allows_name(&self, name: &str) -> bool {
        self.judge(name).action.is_none()
    }

    /// The list as it was written.
    pub fn written(&self) -> &Terms {
        &self.written
    }
}

fn check_counts(written: &Terms) -> Result<(), ChatError> {
    let lists =
        [("terms", written.terms.len()), ("allow", written.allow.len()), ("link_domains", written.link_domains.len())];
    for (name, count) in lists {
        if count > MAX_TERMS {
            return Err(ChatError::TooLarge(format!("{name} has {count} entries; at most {MAX_TERMS}")));
        }
    }
    let regexes = written.terms.iter().filter(|term| term.kind == Kind::Regex).count();
    if regexes > MAX_REGEXES {
        return Err(ChatError::TooLarge(format!("terms has {regexes} regular expressions; at most {MAX_REGEXES}")));
    }
    Ok(())
}

fn check_length(name: &str, text: &str) -> Result<(), ChatError> {
    match text.chars().count() {
        0 => Err(ChatError::InvalidRequest(format!("{name} is empty"))),
        length if length > MAX_TERM => {
            Err(ChatError::InvalidRequest(format!("{name} has {length} characters; at most {MAX_TERM}")))
        }
        _ => Ok(()),
    }
}
