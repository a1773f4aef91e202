//! The fields of a JSON body, each read with a sentence that names it if it cannot be used.

use serde_json::{Map, Value};

use crate::domain::error::ChatError;
use crate::domain::message::ClientMessageId;
use crate::domain::number;
use crate::domain::text::message_text::MessageText;

/// The fields of a body.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] unless it is a JSON object. A lone surrogate in a text is one reason.
    pub fn parse(body: &[u8]) -> Result<Fields, ChatError> {
        serde_json::from_slice(body).map(Fields).map_err(|_| invalid("The body must be a JSON object".to_owned()))
    }

    /// The field's value; `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field stands there, even as `null`.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] if it is not.
    pub fn required(&self, name: &str) -> Result<&Value, ChatError> {
        self.get(name).ok_or_else(|| invalid(format!("{name} is missing")))
    }

    /// `true` or `false`; an absent field is `false`.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for anything else.
    pub fn flag(&self, name: &str) -> Result<bool, ChatError> {
        match self.get(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| invalid(format!("{name} must be true or false"))),
        }
    }

    /// The client's key, which makes a call repeatable, if it is there.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] unless it is as a `client_message_id` must be.
    pub fn key(&self, name: &str) -> Result<Option<ClientMessageId>, ChatError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| invalid(format!("{name} must be a text")))?;
        let refused = |error: ChatError| invalid(error.to_string().replace("client_message_id", name));
        ClientMessageId::parse(text).map(Some).map_err(refused)
    }

    /// A text for people, cleaned as a message is (docs/contract.md, Texts and names), if it is there and has something to see.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] if it is no text or has more than `max_length` characters.
    pub fn prose(&self, name: &str, max_length: usize) -> Result<Option<String>, ChatError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| invalid(format!("{name} must be a text")))?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        match MessageText::parse(text, max_length) {
            Ok(text) => Ok(Some(text.as_str().to_owned())),
            Err(_) => Err(invalid(format!("{name} must be a text of at most {max_length} characters"))),
        }
    }
}

/// Reads a whole number, however it is written.
///
/// # Errors
/// [`ChatError::InvalidRequest`] unless it is in the range.
pub fn whole(name: &str, value: &Value, range: std::ops::RangeInclusive<i64>) -> Result<i64, ChatError> {
    let number = number::whole_of(value).and_then(|number| i64::try_from(number).ok());
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| invalid(format!("{name} must be a whole number from {} to {}", range.start(), range.end())))
}

/// A refusal with this sentence.
pub fn invalid(sentence: String) -> ChatError {
    ChatError::InvalidRequest(sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(body: &Value) -> Fields {
        Fields::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_body_is_an_object() {
        for body in ["", "[]", "7", "null", "{", r#"{"a":"\ud800"}"#, "\u{feff}{}"] {
            assert!(Fields::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Fields::parse(b"{}").is_ok());
    }

    #[test]
    fn numbers_are_taken_by_value_within_their_range() {
        for (value, expected) in [
            (json!(7), Some(7)),
            (json!(7.0), Some(7)),
            (json!(0), None),
            (json!(11), None),
            (json!("7"), None),
            (json!(7.5), None),
        ] {
            assert_eq!(whole("seconds", &value, 1..=10).ok(), expected, "{value}");
        }
        let detail = whole("seconds", &json!(0), 1..=10).unwrap_err().to_string();
        assert_eq!(detail, "seconds must be a whole number from 1 to 10");
    }

    #[test]
    fn prose_is_cleaned_and_an_empty_text_counts_as_absent() {
        for (value, expected) in [
            (json!(" spam\r\n "), Some("spam")),
            (json!(""), None),
            (json!("  "), None),
            (json!(null), None),
            (json!("12345"), Some("12345")),
        ] {
            assert_eq!(fields(&json!({"reason": value})).prose("reason", 5).unwrap().as_deref(), expected, "{value}");
        }
        for value in [json!("123456"), json!(7), json!(["spam"]), json!("a\u{0}b")] {
            assert!(fields(&json!({"reason": value})).prose("reason", 5).is_err(), "{value}");
        }
    }

    #[test]
    fn a_flag_is_true_or_false_or_absent() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!(false), Some(false)),
            (json!(null), Some(false)),
            (json!(1), None),
            (json!("true"), None),
        ] {
            assert_eq!(fields(&json!({"on": value})).flag("on").ok(), expected, "{value}");
        }
    }
}
