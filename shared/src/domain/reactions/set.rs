//! The reactions that an operator offers, and what clients ask to count of them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::error::ChatError;
use crate::domain::moderation::fields::{Fields, invalid};
use crate::domain::number;

/// Reactions of one call or frame.
pub const MAX_PER_CALL: u64 = 20;
/// Reactions that an operator may offer.
const MAX_OFFERED: usize = 12;
/// In bytes: the longest emojis of Unicode have about half of it.
const MAX_BYTES: usize = 64;
/// Asks for the coloured form of a character, which clients may leave out.
const EMOJI_FORM: char = '\u{fe0f}';

/// The reactions that the operator offers, in the order of the setting; none if reactions are off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionSet(Vec<String>);

/// Numbers of reactions. They serialize in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReactionCounts(Vec<(String, u64)>);

impl ReactionSet {
    /// Reads the setting: reactions separated by spaces or commas, or `none`.
    pub fn parse(text: &str) -> Option<ReactionSet> {
        if text.trim() == "none" {
            return Some(ReactionSet(Vec::new()));
        }
        let names: Vec<&str> = text.split([' ', ',']).filter(|name| !name.is_empty()).collect();
        let is_usable = |name: &&str| {
            name.graphemes(true).count() == 1 && name.len() <= MAX_BYTES && !name.chars().all(is_no_reaction)
        };
        let mut distinct: Vec<String> = names.iter().map(|name| plain(name)).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let is_set = (1..=MAX_OFFERED).contains(&names.len()) && distinct.len() == names.len();
        (is_set && names.iter().all(is_usable)).then(|| ReactionSet(names.into_iter().map(str::to_owned).collect()))
    }

    /// The values of the setting that can be used.
    pub fn allowed() -> String {
        format!("1 to {MAX_OFFERED} different emojis separated by spaces or commas, or none")
    }

    /// Whether reactions are off.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the body of `POST /live-chat/react`.
    ///
    /// # Errors
    /// Those of [`ReactionSet::read`].
    pub fn parse_body(&self, body: &[u8]) -> Result<ReactionCounts, ChatError> {
        self.read(Fields::parse(body)?.get("reactions"))
    }

    /// Reads the field `reactions` of a frame or body: how many of which.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] unless it is an object with 1 to 20 reactions of the set.
    pub fn read(&self, field: Option<&Value>) -> Result<ReactionCounts, ChatError> {
        if self.is_empty() {
            return Err(invalid("This chat has no reactions".to_owned()));
        }
        let given = field.and_then(Value::as_object).filter(|given| !given.is_empty());
        let given =
            given.ok_or_else(|| invalid(r#"reactions must be counts by emoji, such as {"🎉":3}"#.to_owned()))?;
        let mut counts = BTreeMap::<&str, u64>::new();
        for (name, value) in given {
            let name =
                self.find(name).ok_or_else(|| invalid(format!("Each reaction must be one of {}", self.0.join(" "))))?;
            let count = number::whole_of(value).and_then(|count| u64::try_from(count).ok());
            let count = count.filter(|count| (1..=MAX_PER_CALL).contains(count));
            let count =
                count.ok_or_else(|| invalid(format!("A count must be a whole number from 1 to {MAX_PER_CALL}")))?;
            *counts.entry(name).or_default() += count;
        }
        let counts = self.of(|name| counts.get(name).copied()).without_zeros();
        if counts.sum() > MAX_PER_CALL {
            return Err(invalid(format!("At most {MAX_PER_CALL} reactions may come at once")));
        }
        Ok(counts)
    }

    /// All reactions of the set, with these numbers.
    pub fn of(&self, count: impl Fn(&str) -> Option<u64>) -> ReactionCounts {
        ReactionCounts(self.0.iter().map(|name| (name.clone(), count(name).unwrap_or_default())).collect())
    }

    /// The reaction of the set that a client means.
    fn find(&self, name: &str) -> Option<&str> {
        let meant = plain(name);
        self.0.iter().find(|offered| plain(offered) == meant).map(String::as_str)
    }
}

impl Default for ReactionSet {
    fn default() -> ReactionSet {
        ReactionSet(["❤️", "👏", "😂", "🎉", "😮", "🔥"].map(str::to_owned).to_vec())
    }
}

impl ReactionCounts {
    /// Each reaction with its number.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Those of which there are some.
    #[must_use]
    pub fn without_zeros(mut self) -> ReactionCounts {
        self.0.retain(|(_, count)| *count > 0);
        self
    }
}

impl Serialize for ReactionCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// A name without the variation selector that only asks for the coloured form.
fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != EMOJI_FORM).collect()
}

/// White space, control characters and what is no picture without another character.
fn is_no_reaction(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, EMOJI_FORM | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(text: &str) -> ReactionSet {
        ReactionSet::parse(text).unwrap()
    }

    fn json_of(counts: &ReactionCounts) -> String {
        serde_json::to_string(counts).unwrap()
    }

    #[test]
    fn a_set_is_one_to_twelve_different_graphemes() {
        assert_eq!(set("❤️ 👏 😂 🎉 😮 🔥"), ReactionSet::default());
        assert_eq!(set(" 👏,😂 , 🎉 "), set("👏 😂 🎉"));
        assert_eq!(set("👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽 + ❤").0.len(), 5);
        assert!(set("none").is_empty());
        let twelve = "1 2 3 4 5 6 7 8 9 a b c";
        assert_eq!(set(twelve).0.len(), 12);
        let long = format!("a{}", "\u{301}".repeat(40));
        for text in ["", ",", "👏👏", "👏 👏", "❤️ ❤", "ab", "\u{200b}", "👏 \u{7}", &format!("{twelve} d"), &long]
        {
            assert_eq!(ReactionSet::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_frame_has_one_to_twenty_reactions_of_the_set() {
        let set = ReactionSet::default();
        let read = |field: Value| set.read(Some(&field)).map(|counts| json_of(&counts));
        assert_eq!(read(json!({"🎉": 3})).unwrap(), r#"{"🎉":3}"#);
        assert_eq!(read(json!({"🔥": 7.0, "❤": 1, "❤️": 12})).unwrap(), r#"{"❤️":13,"🔥":7}"#, "in the set's order");
        for field in [
            json!({}),
            json!([]),
            json!("🎉"),
            json!(null),
            json!({"🎉": 0}),
            json!({"🎉": -1}),
            json!({"🎉": 1.5}),
            json!({"🎉": "1"}),
            json!({"🎉": null}),
            json!({"🎉": 21}),
            json!({"🎉": 1e20}),
            json!({"🎉": 11, "🔥": 10}),
            json!({"🐙": 1}),
            json!({"🎉🎉": 1}),
            json!({"": 1}),
        ] {
            assert_eq!(read(field.clone()).unwrap_err().code(), "invalid_request", "{field}");
        }
        assert_eq!(set.read(None).unwrap_err().code(), "invalid_request");
        let off = ReactionSet::parse("none").unwrap();
        assert_eq!(off.read(Some(&json!({"🎉": 1}))).unwrap_err().code(), "invalid_request");
    }
}
