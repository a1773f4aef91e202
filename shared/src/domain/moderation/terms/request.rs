//! What the routes of terms are asked: a condition, and a text to test.

use crate::domain::error::ChatError;
use crate::domain::moderation::fields::{Fields, invalid};

/// Characters of a text that is tested.
pub const MAX_TESTED: usize = 4_000;

/// The versions under which a list may be replaced: the header `If-Match` (RFC 9110, 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// No header: the last list wins.
    Anything,
    /// `*`: any list, but not none.
    AnyList,
    /// These versions.
    OneOf(Vec<u64>),
}

impl IfMatch {
    /// Reads the header. `W/"3"` counts as `"3"`: CloudFront weakens the tags of what it compresses, and a version is exact in either form.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] if it is neither `*` nor a list of tags. A tag that no list ever had matches none.
    pub fn parse(header: Option<&str>) -> Result<IfMatch, ChatError> {
        let Some(header) = header.map(str::trim) else { return Ok(IfMatch::Anything) };
        if header == "*" {
            return Ok(IfMatch::AnyList);
        }
        let tag = |written: &str| {
            let written = written.trim();
            let quoted = written.strip_prefix("W/").unwrap_or(written).strip_prefix('"')?.strip_suffix('"')?;
            (!quoted.contains('"')).then(|| quoted.parse::<u64>().ok())
        };
        let tags: Option<Vec<Option<u64>>> = header.split(',').map(tag).collect();
        let tags = tags.ok_or_else(|| invalid("If-Match must be an ETag of the list of terms".to_owned()))?;
        Ok(IfMatch::OneOf(tags.into_iter().flatten().collect()))
    }

    /// Whether a list may be put while this version is the newest; 0 is none.
    pub fn allows(&self, newest: u64) -> bool {
        match self {
            IfMatch::Anything => true,
            IfMatch::AnyList => newest > 0,
            IfMatch::OneOf(versions) => versions.contains(&newest),
        }
    }
}

/// The text of `POST /live-chat/moderation/terms/test`: 1 to [`MAX_TESTED`] characters, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestedText(String);

impl TestedText {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn parse(body: &[u8]) -> Result<TestedText, ChatError> {
        let fields = Fields::parse(body)?;
        let text = fields.required("text")?.as_str().filter(|text| (1..=MAX_TESTED).contains(&text.chars().count()));
        text.map(|text| TestedText(text.to_owned()))
            .ok_or_else(|| invalid(format!("text must be a text of 1 to {MAX_TESTED} characters")))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_names_versions() {
        for (header, allowed) in [
            (None, [true, true, true]),
            (Some("*"), [false, true, true]),
            (Some("\"0\""), [true, false, false]),
            (Some(" \"2\" "), [false, false, true]),
            (Some("W/\"2\""), [false, false, true]),
            (Some("\"1\", \"2\""), [false, true, true]),
            (Some("\"other\""), [false, false, false]),
        ] {
            let condition = IfMatch::parse(header).unwrap();
            assert_eq!([0, 1, 2].map(|version| condition.allows(version)), allowed, "{header:?}");
        }
        for header in ["", "2", "\"2", "\"1\",", "\"1\" \"2\"", "**"] {
            assert_eq!(IfMatch::parse(Some(header)).unwrap_err().code(), "invalid_request", "{header:?}");
        }
    }

    #[test]
    fn a_text_to_test_has_a_length() {
        for (text, is_taken) in [
            ("a".to_owned(), true),
            (" ".to_owned(), true),
            (String::new(), false),
            ("é".repeat(4_001), false),
            ("é".repeat(4_000), true),
        ] {
            let body = serde_json::json!({"text": text}).to_string();
            assert_eq!(TestedText::parse(body.as_bytes()).is_ok(), is_taken, "{} bytes", text.len());
        }
        for body in ["{}", r#"{"text":7}"#, r#"{"text":null}"#, "[]", ""] {
            assert!(TestedText::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
