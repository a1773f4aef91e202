//! The entries of a list, as hosts write them.

use serde::{Deserialize, Serialize};

/// How a term is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Whole words only.
    Word,
    /// Anywhere.
    Substring,
    /// A regular expression on the cleaned, lower-case text.
    Regex,
}

/// What happens to a message that has a term: the strongest is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The term is replaced by `*`.
    Mask,
    /// Only the author and staff see the message.
    Shadow,
    /// The message waits for a moderator.
    Hold,
    /// The message is refused.
    Block,
}

/// One term.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The word, the part of a word, or the regular expression.
    pub term: String,
    /// How it is compared.
    #[serde(rename = "match")]
    pub kind: Kind,
    /// What happens.
    pub action: Action,
    /// What the author of a refused message is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// The body of `PUT /live-chat/moderation/terms`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What is looked for.
    #[serde(default)]
    pub terms: Vec<Term>,
    /// Words that never match, though a term is in them.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Domains that links may lead to.
    #[serde(default)]
    pub link_domains: Vec<String>,
}
