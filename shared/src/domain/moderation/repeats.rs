//! What modes ask about a text: whether it is emoji only, and whether it repeats another.

use icu_properties::CodePointSetData;
use icu_properties::props::{EmojiPresentation, ExtendedPictographic, RegionalIndicator};
use sha2::{Digest, Sha256};
use unicode_segmentation::UnicodeSegmentation;

use super::fold::fold;

/// Whether a text is of emoji and white space only (mode `emoji_only`). Digits and `#` are emoji only as keycaps.
pub fn is_emoji_only(text: &str) -> bool {
    let mut graphemes = text.graphemes(true).filter(|grapheme| !grapheme.chars().all(char::is_whitespace)).peekable();
    graphemes.peek().is_some() && graphemes.all(is_emoji)
}

fn is_emoji(grapheme: &str) -> bool {
    let first = grapheme.chars().next().unwrap_or(' ');
    let is_picture = CodePointSetData::new::<EmojiPresentation>().contains(first)
        || CodePointSetData::new::<ExtendedPictographic>().contains(first)
        || CodePointSetData::new::<RegionalIndicator>().contains(first);
    // Text presentation, as in `©︎`, is no emoji.
    (is_picture && !grapheme.contains('\u{fe0e}')) || grapheme.ends_with('\u{20e3}')
}

/// A hash for mode `unique_seconds`: texts share it that differ only in case, width, white space, doubled or stretched letters, accents,
/// look-alikes and invisible characters.
pub fn unique_hash(text: &str) -> [u8; 32] {
    let mut letters: Vec<char> = fold(text).iter().map(|glyph| glyph.c).filter(|c| !c.is_whitespace()).collect();
    // `100` does not repeat `10`.
    letters.dedup_by(|a, b| a == b && a.is_alphabetic());
    Sha256::digest(letters.into_iter().collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_told_from_text() {
        for (text, expected) in [
            ("👍🏽 👩‍👩‍👧‍👦", true),
            ("🇧🇷", true),
            ("1️⃣", true),
            ("❤️", true),
            ("1", false),
            ("#", false),
            ("👍 ok", false),
            (" ", false),
        ] {
            assert_eq!(is_emoji_only(text), expected, "{text:?}");
        }
    }

    #[test]
    fn repeats_share_a_hash_and_others_do_not() {
        for same in ["HELLO world", "hel lo  worl\u{200b}d", "helllllo woooorld"] {
            assert_eq!(unique_hash(same), unique_hash("hello world"), "{same:?}");
        }
        assert_ne!(unique_hash("hello word"), unique_hash("hello world"));
        assert_ne!(unique_hash("100"), unique_hash("10"));
        assert_ne!(unique_hash("👍"), unique_hash("👎"));
    }
}
