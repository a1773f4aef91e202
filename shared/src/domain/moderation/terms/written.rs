//! The entries of a list, as hosts write them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::error::ChatError;

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

impl Terms {
    /// Reads a list.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the entry.
    pub fn parse(json: &[u8]) -> Result<Terms, ChatError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Unread {
            #[serde(default)]
            terms: Vec<Value>,
            #[serde(default)]
            allow: Vec<Value>,
            #[serde(default)]
            link_domains: Vec<Value>,
        }
        let malformed =
            |error: serde_json::Error| ChatError::InvalidRequest(format!("The list of terms is malformed: {error}"));
        // A struct takes an array, too, as its fields in their order.
        let fields: Map<String, Value> = serde_json::from_slice(json).map_err(malformed)?;
        let unread = Unread::deserialize(Value::Object(fields)).map_err(malformed)?;
        Ok(Terms {
            terms: entries("terms", unread.terms)?,
            allow: entries("allow", unread.allow)?,
            link_domains: entries("link_domains", unread.link_domains)?,
        })
    }
}

fn entries<Entry: DeserializeOwned>(name: &str, values: Vec<Value>) -> Result<Vec<Entry>, ChatError> {
    let read = |(index, value): (usize, Value)| {
        let invalid = |fault: String| ChatError::InvalidRequest(format!("{name}[{index}]: {fault}"));
        // As above; no entry is an array.
        if value.is_array() {
            return Err(invalid("invalid type: an array".to_owned()));
        }
        serde_json::from_value(value).map_err(|error| invalid(error.to_string()))
    };
    values.into_iter().enumerate().map(read).collect()
}
