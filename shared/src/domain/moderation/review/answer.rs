//! What the handler says: the response of Amazon IVS Chat's message review handler, with two verdicts more.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::ReviewVerdict;
use crate::domain::caller::{Attributes, are_attributes};
use crate::domain::message::Draft;
use crate::domain::text::message_text::MessageText;

/// In bytes, the names and values of the attributes of an answer together, as in IVS.
const MAX_ATTRIBUTES: usize = 1024;
/// The attribute in which a handler tells the author why a message is denied, as in IVS.
const REASON: &str = "Reason";

/// An answer that is no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// It is not of the form of the contract.
    #[error("the answer is malformed: {0}")]
    Malformed(String),
    /// It allows what no message may be.
    #[error("the answer allows what no message may be: {0}")]
    Impossible(String),
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "ReviewResult")]
    result: ReviewResult,
    #[serde(rename = "Content", default)]
    content: Option<String>,
    #[serde(rename = "Attributes", default)]
    attributes: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ReviewResult {
    Allow,
    Deny,
    Hold,
    Shadow,
}

/// Reads an answer about a message of an author with these attributes. An allowed text is cleaned and limited as any other.
///
/// # Errors
/// [`BadAnswer`] with a sentence for the log, which holds nothing of the message.
pub fn verdict(
    answer: &[u8],
    draft: &Draft,
    author: &Attributes,
    max_length: usize,
) -> Result<ReviewVerdict, BadAnswer> {
    let answer: Map<String, Value> = serde_json::from_slice(answer).map_err(|error| malformed(&error))?;
    let answer: Answer = serde_json::from_value(answer.into()).map_err(|error| malformed(&error))?;
    let attributes = answer.attributes.unwrap_or_default();
    let bytes: usize = attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_ATTRIBUTES {
        return Err(BadAnswer::Malformed(format!("its attributes have {bytes} bytes, more than {MAX_ATTRIBUTES}")));
    }
    Ok(match answer.result {
        ReviewResult::Allow => ReviewVerdict::Allow {
            text: answer.content.map(|text| changed_text(&text, draft, max_length)).transpose()?.flatten(),
            attributes: changed_attributes(attributes, author)?,
        },
        ReviewResult::Deny => ReviewVerdict::Deny { reason: attributes.get(REASON).and_then(|text| reason(text)) },
        ReviewResult::Hold => ReviewVerdict::Hold,
        ReviewResult::Shadow => ReviewVerdict::Shadow,
    })
}

/// The text in the place of the author's, if it is another one.
fn changed_text(text: &str, draft: &Draft, max_length: usize) -> Result<Option<MessageText>, BadAnswer> {
    let text = MessageText::parse(text, max_length).map_err(|error| BadAnswer::Impossible(error.to_string()))?;
    Ok((text != draft.text).then_some(text))
}

/// The author's attributes and those of the answer, which come first, if that is another set.
fn changed_attributes(attributes: Attributes, author: &Attributes) -> Result<Option<Attributes>, BadAnswer> {
    let mut all = author.clone();
    all.extend(attributes);
    if !are_attributes(&all) {
        return Err(BadAnswer::Impossible("it has too many attributes, with those of the author".to_owned()));
    }
    Ok((all != *author).then_some(all))
}

/// A reason is shown to the author, so it is cleaned as a text is.
fn reason(text: &str) -> Option<String> {
    MessageText::parse(text, MAX_ATTRIBUTES).ok().map(|text| text.as_str().to_owned())
}

/// What kind of error it is, but not its words: those of `serde_json` may quote the answer, and so the message.
fn malformed(error: &serde_json::Error) -> BadAnswer {
    let text = match error.classify() {
        Category::Data => "it is not of the form of the contract",
        Category::Syntax | Category::Eof | Category::Io => "it is no JSON",
    };
    BadAnswer::Malformed(text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(answer: &Value) -> Result<ReviewVerdict, BadAnswer> {
        let draft = Draft::new(MessageText::parse("hi", 10).unwrap(), None);
        let author = Attributes::from([("team".to_owned(), "red".to_owned())]);
        verdict(answer.to_string().as_bytes(), &draft, &author, 10)
    }

    fn allowed(text: Option<&str>, attributes: Option<&[(&str, &str)]>) -> Result<ReviewVerdict, BadAnswer> {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let text = text.map(|text| MessageText::parse(text, 10).unwrap());
        Ok(ReviewVerdict::Allow { text, attributes: attributes.map(owned) })
    }

    fn denied(reason: Option<&str>) -> Result<ReviewVerdict, BadAnswer> {
        Ok(ReviewVerdict::Deny { reason: reason.map(str::to_owned) })
    }

    #[test]
    fn answers_of_the_contract_are_verdicts() {
        let filled = "x".repeat(1024 - REASON.len());
        for (answer, expected) in [
            (json!({"ReviewResult": "ALLOW"}), allowed(None, None)),
            (json!({"ReviewResult": "ALLOW", "Content": null, "Attributes": null}), allowed(None, None)),
            (json!({"ReviewResult": "ALLOW", "Content": "hi", "Attributes": {}}), allowed(None, None)),
            (json!({"ReviewResult": "ALLOW", "Content": "h*", "Other": 7}), allowed(Some("h*"), None)),
            (json!({"ReviewResult": "ALLOW", "Content": " h*\r\n"}), allowed(Some("h*"), None)),
            (
                json!({"ReviewResult": "ALLOW", "Attributes": {"mood": "good", "team": "blue"}}),
                allowed(None, Some(&[("mood", "good"), ("team", "blue")])),
            ),
            (json!({"ReviewResult": "ALLOW", "Attributes": {"team": "red"}}), allowed(None, None)),
            (json!({"ReviewResult": "DENY"}), denied(None)),
            (json!({"ReviewResult": "DENY", "Content": "", "Attributes": {"Reason": "Spam"}}), denied(Some("Spam"))),
            (json!({"ReviewResult": "DENY", "Attributes": {"reason": "Spam"}}), denied(None)),
            (json!({"ReviewResult": "DENY", "Attributes": {"Reason": " Sp\u{7}am "}}), denied(Some("Spam"))),
            (json!({"ReviewResult": "DENY", "Attributes": {"Reason": "\u{200b}"}}), denied(None)),
            (json!({"ReviewResult": "DENY", "Attributes": {"Reason": filled}}), denied(Some(&filled))),
            (json!({"ReviewResult": "HOLD"}), Ok(ReviewVerdict::Hold)),
            (json!({"ReviewResult": "SHADOW"}), Ok(ReviewVerdict::Shadow)),
        ] {
            assert_eq!(judged(&answer), expected, "{answer}");
        }
    }

    #[test]
    fn answers_of_another_form_are_malformed() {
        for answer in [
            json!(null),
            json!("ALLOW"),
            json!(["ALLOW", "hi", {}]),
            json!({}),
            json!({"errorMessage": "it broke"}),
            json!({"ReviewResult": null}),
            json!({"ReviewResult": "allow"}),
            json!({"ReviewResult": "MAYBE"}),
            json!({"ReviewResult": "ALLOW", "Content": 7}),
            json!({"ReviewResult": "ALLOW", "Attributes": []}),
            json!({"ReviewResult": "DENY", "Attributes": {"Reason": 7}}),
            json!({"ReviewResult": "DENY", "Attributes": {"Reason": "x".repeat(1025 - REASON.len())}}),
        ] {
            assert!(matches!(judged(&answer), Err(BadAnswer::Malformed(_))), "{answer}");
        }
        let draft = Draft::new(MessageText::parse("hi", 10).unwrap(), None);
        for answer in [&b""[..], b"{", b"{\"ReviewResult\":\"ALLOW\"} x", b"\xff"] {
            assert!(matches!(verdict(answer, &draft, &Attributes::new(), 10), Err(BadAnswer::Malformed(_))));
        }
    }

    #[test]
    fn an_answer_cannot_allow_what_no_author_could_send() {
        let eleven: BTreeMap<_, _> = (0..11).map(|nth| (format!("n{nth}"), "")).collect();
        let ten: BTreeMap<_, _> = (0..10).map(|nth| (format!("n{nth}"), "")).collect();
        for answer in [
            json!({"ReviewResult": "ALLOW", "Content": ""}),
            json!({"ReviewResult": "ALLOW", "Content": " \u{200b}\n"}),
            json!({"ReviewResult": "ALLOW", "Content": "hi\0"}),
            json!({"ReviewResult": "ALLOW", "Content": "x".repeat(11)}),
            json!({"ReviewResult": "ALLOW", "Attributes": {"": "red"}}),
            json!({"ReviewResult": "ALLOW", "Attributes": eleven}),
            json!({"ReviewResult": "ALLOW", "Attributes": ten}),
        ] {
            assert!(matches!(judged(&answer), Err(BadAnswer::Impossible(_))), "{answer}");
        }
    }

    #[test]
    fn nothing_of_an_answer_reaches_the_log() {
        for answer in
            [&br#"{"ReviewResult":"SECRET"}"#[..], br#"{"SECRET"#, br#"{"ReviewResult":"ALLOW","Content":["SECRET"]}"#]
        {
            let draft = Draft::new(MessageText::parse("hi", 10).unwrap(), None);
            let error = verdict(answer, &draft, &Attributes::new(), 10).unwrap_err();
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
    }
}
