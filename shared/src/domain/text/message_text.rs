//! The text of a message.

use super::{characters, directions, lines, marks};
use crate::domain::error::ChatError;

/// The text of a message, cleaned (docs/contract.md, Texts and names): something can be seen in it, it is trimmed, and it is within
/// the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// Cleans a text. `max_length` counts the Unicode scalar values of the result.
    ///
    /// # Errors
    /// [`ChatError::InvalidMessage`] with a sentence that names the broken rule.
    pub fn parse(text: &str, max_length: usize) -> Result<MessageText, ChatError> {
        if text.contains('\0') {
            return Err(ChatError::InvalidMessage("The message has a NUL character".to_owned()));
        }
        let text = marks::limit(&lines::limit_empty_lines(&lines::unify_breaks(text)));
        let directions::Balanced { text, closers } = directions::balanced(&text);
        let text = text.trim().to_owned() + &closers;
        if !characters::has_visible(&text) {
            return Err(ChatError::InvalidMessage("The message is empty".to_owned()));
        }
        let text = MessageText(text);
        text.must_fit(max_length)?;
        Ok(text)
    }

    /// Demands at most so many Unicode scalar values.
    ///
    /// # Errors
    /// [`ChatError::InvalidMessage`] with both numbers.
    pub fn must_fit(&self, max_length: usize) -> Result<(), ChatError> {
        let length = self.0.chars().count();
        if length <= max_length {
            return Ok(());
        }
        Err(ChatError::InvalidMessage(format!("The message has {length} characters; at most {max_length} are allowed")))
    }

    /// A text that was cleaned before it was stored.
    pub(crate) fn stored(text: String) -> MessageText {
        MessageText(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str) -> String {
        MessageText::parse(text, 100).unwrap().as_str().to_owned()
    }

    #[test]
    fn a_text_is_trimmed_and_otherwise_kept() {
        assert_eq!(clean("  <b>👩‍👩‍👧 שלום</b>\n\tx  "), "<b>👩‍👩‍👧 שלום</b>\n\tx");
        for kept in [
            "می‌خواهم",
            "❤️",
            "ක්‍ෂ",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "a\u{ad}b",
            "cafe\u{301}",
        ] {
            assert_eq!(clean(kept), kept);
        }
    }

    #[test]
    fn what_is_pasted_is_cleaned() {
        for (pasted, cleaned) in [
            ("one\r\ntwo\r\n", "one\ntwo"),
            ("title\u{b}subtitle", "title\nsubtitle"),
            ("it\u{92}s\u{7f}", "its"),
            ("a\u{2028}b\u{2029}c\u{85}d\u{c}e\rf", "a\nb\nc\nd\ne\nf"),
            ("\u{202e}turned", "\u{202e}turned\u{202c}"),
            ("in time \u{202c}", "in time"),
            ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ] {
            assert_eq!(clean(pasted), cleaned, "{pasted:?}");
        }
    }

    #[test]
    fn the_length_counts_scalar_values_of_the_cleaned_text() {
        assert!(MessageText::parse(&format!("  {}\r\n\u{1}  ", "😀".repeat(10)), 10).is_ok());
        let sentence = |text: &str| MessageText::parse(text, 10).unwrap_err().to_string();
        assert_eq!(sentence(&"😀".repeat(11)), "The message has 11 characters; at most 10 are allowed");
        assert_eq!(sentence("0123456789\r\n!"), "The message has 12 characters; at most 10 are allowed");
        assert_eq!(sentence("\u{202e}123456789"), "The message has 11 characters; at most 10 are allowed");
    }

    #[test]
    fn texts_without_anything_to_see_and_nul_are_refused() {
        for text in [
            "",
            " \n ",
            "a\0b",
            "\0",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}",
            "\u{200b}",
            "\u{115f}\u{1160}",
            "\u{feff}",
            "\u{e0041}\u{e007f}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{202e}",
            "\u{2066}\u{2069}",
            "\u{202c}",
            "\u{1d159}",
            "\u{ffa0}",
            "\u{34f}",
            "\u{180e}",
            "\u{200b}\r\n\u{3000}\u{1}\u{92}",
        ] {
            assert_eq!(MessageText::parse(text, 10).unwrap_err().code(), "invalid_message", "{text:?}");
        }
    }
}
