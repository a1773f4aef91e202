//! The name under which a user appears.

use sha2::{Digest, Sha256};

use super::line;

/// In characters. A longer name is cut.
const MAX_NAME: usize = 100;

/// A display name, cleaned (docs/contract.md, Texts and names): one line of at most 100 characters in NFC, in which something can be
/// seen and nothing hides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Cleans a name; `None` if nothing is left of it.
    pub fn parse(text: &str) -> Option<DisplayName> {
        line::clipped(text, MAX_NAME).map(DisplayName)
    }

    /// The name of a user whose token brings none. It tells nothing of the user id but which names are the same user's.
    pub fn of_nameless(user_id: &str) -> DisplayName {
        let hash = Sha256::digest(user_id.as_bytes());
        DisplayName(format!("User-{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2]))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a string of its own.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        DisplayName::parse(text).map(DisplayName::into_string)
    }

    #[test]
    fn a_long_name_is_cut_between_graphemes_and_trimmed() {
        let exact = "é".repeat(100);
        assert_eq!(name(&exact), Some(exact));
        let filled = |length: usize, end: &str| name(&format!("{}{end}", "x".repeat(length)));
        assert_eq!(filled(98, "👩‍👩‍👧"), Some("x".repeat(98)));
        assert_eq!(filled(95, "👩‍👩‍👧!"), Some(format!("{}👩‍👩‍👧", "x".repeat(95))));
        assert_eq!(filled(99, "🇧🇷"), Some("x".repeat(99)));
        assert_eq!(filled(99, "e\u{301}\u{302}"), Some("x".repeat(99)));
        assert_eq!(filled(99, " y"), Some("x".repeat(99)));
        assert_eq!(filled(98, "ب\u{200c}ب"), Some(format!("{}ب", "x".repeat(98))));
    }

    #[test]
    fn a_name_of_nothing_that_can_be_seen_is_none() {
        for text in [
            "",
            " ",
            "\u{200b}",
            "\u{3164}\u{2800}",
            "\u{202e}\u{202c}",
            "\u{0}\n",
            "\u{e0041}",
            &"👩\u{200d}".repeat(60),
        ] {
            assert_eq!(name(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_nameless_user_has_a_name_of_the_hash_of_the_user_id() {
        // printf ann | sha256sum
        assert_eq!(DisplayName::of_nameless("ann").as_str(), "User-49915e");
        assert_ne!(DisplayName::of_nameless("a"), DisplayName::of_nameless("b"));
    }
}
