//! What a host asks for: the body of `POST /live-chat/polls`.

use serde_json::Value;

use crate::domain::error::ChatError;
use crate::domain::moderation::fields::{Fields, invalid, whole};
use crate::domain::text::message_text::MessageText;

/// In characters.
pub const MAX_QUESTION: usize = 200;
/// In characters.
pub const MAX_OPTION: usize = 80;
/// A poll has at least so many options,
pub const MIN_OPTIONS: usize = 2;
/// and at most so many.
pub const MAX_OPTIONS: usize = 10;
/// How long a poll may be open, in seconds.
const SECONDS: std::ops::RangeInclusive<i64> = 15..=3600;

/// A checked poll that is not started yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollDraft {
    /// The question.
    pub question: String,
    /// The texts of its options, each once.
    pub options: Vec<String>,
    /// How long it takes votes.
    pub seconds: i64,
    /// Whether nobody sees the results before the end.
    pub hide_results: bool,
}

impl PollDraft {
    /// Reads the fields of a body.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn parse(fields: &Fields) -> Result<PollDraft, ChatError> {
        Ok(PollDraft {
            question: text("question", fields.required("question")?, MAX_QUESTION)?,
            options: options(fields.required("options")?)?,
            seconds: whole("seconds", fields.required("seconds")?, SECONDS)?,
            hide_results: fields.flag("hide_results")?,
        })
    }
}

/// A text for people, cleaned as a message is.
fn text(name: &str, value: &Value, max_length: usize) -> Result<String, ChatError> {
    let text = value.as_str().and_then(|text| MessageText::parse(text, max_length).ok());
    let text = text.ok_or_else(|| invalid(format!("{name} must be a text of 1 to {max_length} characters")))?;
    Ok(text.as_str().to_owned())
}

fn options(value: &Value) -> Result<Vec<String>, ChatError> {
    let values = value.as_array().filter(|values| (MIN_OPTIONS..=MAX_OPTIONS).contains(&values.len()));
    let values =
        values.ok_or_else(|| invalid(format!("options must be an array of {MIN_OPTIONS} to {MAX_OPTIONS} texts")))?;
    let mut options: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        let option = text("Each of the options", value, MAX_OPTION)?;
        if options.contains(&option) {
            return Err(invalid("options has a text twice".to_owned()));
        }
        options.push(option);
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<PollDraft, ChatError> {
        PollDraft::parse(&Fields::parse(body.to_string().as_bytes()).unwrap())
    }

    fn body() -> Value {
        json!({"question": " Encore?\r\n", "options": ["Yes", " No "], "seconds": 60.0})
    }

    #[test]
    fn texts_are_cleaned_and_numbers_count_by_value() {
        let draft = parse(&body()).unwrap();
        assert_eq!((draft.question.as_str(), draft.seconds, draft.hide_results), ("Encore?", 60, false));
        assert_eq!(draft.options, ["Yes", "No"]);
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (field, value) in [
            ("question", json!(null)),
            ("question", json!(" \u{200b}")),
            ("question", json!("x".repeat(201))),
            ("question", json!("a\u{0}b")),
            ("options", json!(null)),
            ("options", json!("Yes")),
            ("options", json!(["Yes"])),
            ("options", json!(vec!["x"; 11])),
            ("options", json!(["Yes", ""])),
            ("options", json!(["Yes", 7])),
            ("options", json!(["Yes", "x".repeat(81)])),
            ("options", json!(["Yes", "Yes "])),
            ("seconds", json!(null)),
            ("seconds", json!(14)),
            ("seconds", json!(3601)),
            ("seconds", json!(60.5)),
            ("hide_results", json!("yes")),
        ] {
            let mut body = body();
            body[field] = value.clone();
            let refusal = parse(&body).unwrap_err();
            assert_eq!(refusal.code(), "invalid_request", "{field} {value}");
            assert!(refusal.to_string().contains(field), "{field} {value}: {refusal}");
        }
    }
}
