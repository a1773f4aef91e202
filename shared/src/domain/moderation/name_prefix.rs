//! The beginning of a display name, as staff search for it: what looks alike counts as the same (docs/moderation.md, Words).

use super::fold::fold;
use crate::domain::error::ChatError;
use crate::domain::text::display_name::DisplayName;

/// In characters.
const MAX_PREFIX: usize = 50;

/// The folded beginning of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePrefix(Vec<char>);

impl NamePrefix {
    /// Reads the parameter `name`.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] unless it has 1 to 50 characters without NUL, and something to see among them.
    pub fn parse(text: &str) -> Result<NamePrefix, ChatError> {
        let fits = text.chars().count() <= MAX_PREFIX && !text.contains('\0');
        let name = DisplayName::parse(text).filter(|_| fits).ok_or_else(|| {
            ChatError::InvalidRequest(format!("name must be the beginning of a name, of 1 to {MAX_PREFIX} characters"))
        })?;
        Ok(NamePrefix(folded(name.as_str())))
    }

    /// Whether a name begins so. None begins with marks alone, which folding drops.
    pub fn begins(&self, name: &str) -> bool {
        !self.0.is_empty() && folded(name).starts_with(&self.0)
    }
}

fn folded(text: &str) -> Vec<char> {
    fold(text).into_iter().map(|glyph| glyph.c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_dressed_up() {
        for (prefix, name) in [
            ("bob", "Bob"),
            ("BÖB", "bobby"),
            ("bob", "Вob der Baumeister"),
            ("b", "ｂｏｂ"),
            ("bo\u{200b}b", "bob"),
            (" bob ", "bob"),
            ("straß", "STRASSE"),
            ("😀", "😀 ann"),
            ("你", "你好"),
        ] {
            assert!(NamePrefix::parse(prefix).unwrap().begins(name), "{prefix:?} {name:?}");
        }
        for (prefix, name) in [("bob", "bo"), ("bob", "rob bob"), ("b0b", "bob"), ("你好", "你"), ("\u{301}", "bob")]
        {
            assert!(!NamePrefix::parse(prefix).unwrap().begins(name), "{prefix:?} {name:?}");
        }
    }

    #[test]
    fn one_to_fifty_characters_are_a_prefix() {
        assert!(NamePrefix::parse(&"é".repeat(50)).is_ok());
        for text in ["", "  ", "\u{200b}", "\u{2800}", "bob\0", &"é".repeat(51)] {
            assert_eq!(NamePrefix::parse(text).unwrap_err().code(), "invalid_request", "{text:?}");
        }
    }
}
