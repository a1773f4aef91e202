//! Custom events: what the application of a host tells its clients beside the chat (docs/contract.md, Events).

use serde_json::Value;

use crate::domain::caller::attributes::{Attributes, MAX_BYTES, texts_of};
use crate::domain::error::ChatError;
use crate::domain::message::ClientMessageId;
use crate::domain::moderation::fields::{Fields, invalid};
use crate::domain::text;

/// In characters.
const MAX_NAME: usize = 100;

/// A checked event that is not sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// Its name: one line, cleaned as a user's name is.
    pub name: String,
    /// What it says, for the application.
    pub attributes: Attributes,
    /// The key that makes the call repeatable.
    pub client_event_id: Option<ClientMessageId>,
}

impl EventDraft {
    /// Reads the body of `POST /live-chat/events`.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with a sentence that names the field.
    pub fn parse(body: &[u8]) -> Result<EventDraft, ChatError> {
        let fields = Fields::parse(body)?;
        Ok(EventDraft {
            name: name(fields.required("name")?)?,
            attributes: fields.get("attributes").map(attributes).transpose()?.unwrap_or_default(),
            client_event_id: fields.key("client_event_id")?,
        })
    }
}

fn name(value: &Value) -> Result<String, ChatError> {
    let name = value.as_str().and_then(text::label).filter(|name| name.chars().count() <= MAX_NAME);
    name.ok_or_else(|| invalid(format!("name must be a text of 1 to {MAX_NAME} characters")))
}

/// Values are not cleaned: they are for programs. Amazon IVS Chat has the same limit.
fn attributes(value: &Value) -> Result<Attributes, ChatError> {
    texts_of(value).ok_or_else(|| {
        invalid(format!("attributes must be texts by their names, with at most {MAX_BYTES} bytes in all"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<EventDraft, ChatError> {
        EventDraft::parse(body.to_string().as_bytes())
    }

    #[test]
    fn a_name_is_enough_and_every_field_is_read() {
        let bare = parse(&json!({"name": " goal\u{202e} ", "attributes": null, "client_event_id": null})).unwrap();
        assert_eq!((bare.name.as_str(), bare.attributes.len(), bare.client_event_id), ("goal", 0, None));
        let full = json!({"name": "goal", "attributes": {"team": "red", "by": ""}, "client_event_id": "k", "more": 7});
        let full = parse(&full).unwrap();
        assert_eq!(serde_json::to_value(full.attributes).unwrap(), json!({"by": "", "team": "red"}));
        assert_eq!(full.client_event_id.unwrap().as_str(), "k");
        assert_eq!(parse(&json!({"name": "é".repeat(100)})).unwrap().name.chars().count(), 100);
    }

    #[test]
    fn attributes_have_at_most_1024_bytes() {
        for (characters, is_taken) in [(511, true), (512, false)] {
            let event = json!({"name": "goal", "attributes": {"ab": "é".repeat(characters)}});
            assert_eq!(parse(&event).is_ok(), is_taken, "{characters}");
        }
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (field, value) in [
            ("name", json!(null)),
            ("name", json!("")),
            ("name", json!("\u{200b}")),
            ("name", json!(7)),
            ("name", json!("x".repeat(101))),
            ("attributes", json!("red")),
            ("attributes", json!([["team", "red"]])),
            ("attributes", json!({"team": 7})),
            ("attributes", json!({"team": null})),
            ("attributes", json!({"": "red"})),
            ("client_event_id", json!(7)),
            ("client_event_id", json!("")),
            ("client_event_id", json!("a\u{7}b")),
            ("client_event_id", json!("x".repeat(129))),
        ] {
            let mut body = json!({"name": "goal"});
            body[field] = value.clone();
            let refusal = parse(&body).unwrap_err();
            assert_eq!(refusal.code(), "invalid_request", "{field} {value}");
            assert!(refusal.to_string().contains(field), "{field} {value}: {refusal}");
        }
        assert!(EventDraft::parse(br#"{"name":"\ud800"}"#).is_err());
    }
}
