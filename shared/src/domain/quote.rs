//! What a reply shows of the message that it replies to (docs/contract.md, Replies and mentions).

use serde::{Deserialize, Serialize};

use crate::domain::text::excerpt;

/// In characters.
const MAX_EXCERPT: usize = 100;
/// The excerpt of a text whose first grapheme alone is longer than that.
const NOTHING_FITS: &str = "…";

/// What a reply shows of its parent. All of it is null by default: the parent is deleted, hidden or covered, or the reader may not see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The parent's author.
    pub user_id: Option<String>,
    /// The author's name.
    pub username: Option<String>,
    /// The beginning of the text, on one line of at most 100 characters.
    pub excerpt: Option<String>,
}

impl Quote {
    /// The quote of a parent that stands.
    pub fn new(user_id: &str, username: &str, text: &str) -> Quote {
        let excerpt = excerpt(text, MAX_EXCERPT).unwrap_or_else(|| NOTHING_FITS.to_owned());
        Quote { user_id: Some(user_id.to_owned()), username: Some(username.to_owned()), excerpt: Some(excerpt) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt_of(text: &str) -> String {
        Quote::new("ann", "Ann", text).excerpt.unwrap()
    }

    #[test]
    fn an_excerpt_is_one_line_of_whole_graphemes() {
        assert_eq!(excerpt_of("one\n\n two\tthree "), "one two three");
        assert_eq!(excerpt_of(&"é".repeat(5000)), "é".repeat(100));
        assert_eq!(excerpt_of(&format!("{}👩‍👩‍👧!", "x".repeat(98))), "x".repeat(98));
        assert_eq!(excerpt_of(&format!("{}👩‍👩‍👧!", "x".repeat(95))), format!("{}👩‍👩‍👧", "x".repeat(95)));
        assert_eq!(excerpt_of("***** you"), "***** you");
        assert_eq!(excerpt_of("\u{202e}turned\u{202c}"), "turned", "nothing runs on beyond the quote");
    }

    #[test]
    fn an_excerpt_is_never_empty() {
        assert_eq!(excerpt_of(&"👩\u{200d}".repeat(60)), "…");
        assert_eq!(excerpt_of(&format!("{}x", "\u{200b}".repeat(4000))), "…");
    }
}
