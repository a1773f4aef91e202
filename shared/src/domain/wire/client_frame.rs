//! The frames that clients send. Unknown input is a value here, not an error of the socket.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::announcement::Color;
use crate::domain::caller::Capability;
use crate::domain::error::ChatError;
use crate::domain::mentions::parse_mentions;
use crate::domain::message::{ClientMessageId, Draft, MessageId};
use crate::domain::number;
use crate::domain::text::message_text::MessageText;

/// A frame from a client.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientFrame {
    /// Send a message.
    Message(Draft),
    /// Reactions, which are still to be held against the set of the chat.
    React(Option<Value>),
    /// Asks whether the connection works, and for the current counters.
    Ping,
    /// Asks for the messages after a number.
    Resume {
        /// The last number up to which the client is complete.
        after: u64,
    },
}

/// A frame that was refused.
#[derive(Debug)]
pub struct RefusedFrame {
    /// The reason.
    pub error: ChatError,
    /// The key of the message, as the client wrote it. The `error` frame repeats it.
    pub client_message_id: Option<String>,
}

type Fields<'a> = HashMap<String, &'a RawValue>;

impl ClientFrame {
    /// The capability that the frame needs (docs/contract.md, Who may do what).
    pub fn needs(&self) -> Capability {
        match self {
            ClientFrame::Message(_) => Capability::Send,
            ClientFrame::React(_) => Capability::React,
            ClientFrame::Ping | ClientFrame::Resume { .. } => Capability::Read,
        }
    }

    /// Reads a frame. `max_length` limits the text of a message, in characters.
    ///
    /// # Errors
    /// [`RefusedFrame`] with `invalid_message` or `invalid_request`.
    pub fn parse(frame: &str, max_length: usize) -> Result<ClientFrame, RefusedFrame> {
        let refused = |error| RefusedFrame { error, client_message_id: None };
        let fields: Fields<'_> =
            serde_json::from_str(frame).map_err(|_| refused(invalid("A frame must be a JSON object")))?;
        match text_of(&fields, "type").as_deref() {
            Some("message") => parse_draft(&fields, max_length)
                .map(ClientFrame::Message)
                .map_err(|error| RefusedFrame { error, client_message_id: text_of(&fields, "client_message_id") }),
            // What is no JSON value of ours (a lone surrogate) names no reaction either.
            Some("react") => {
                Ok(ClientFrame::React(given(&fields, "reactions").and_then(|raw| serde_json::from_str(raw).ok())))
            }
            Some("ping") => Ok(ClientFrame::Ping),
            Some("resume") => parse_after(&fields).map(|after| ClientFrame::Resume { after }).map_err(refused),
            _ => Err(refused(invalid("The frame's type must be message, react, ping or resume"))),
        }
    }
}

/// Reads the body of `POST /live-chat/send-message`, which has the fields of a `message` frame.
///
/// # Errors
/// [`ChatError::InvalidRequest`] if it is not a JSON object or its `client_message_id` is unusable.
/// [`ChatError::InvalidMessage`] if its text is unusable.
pub fn parse_send_body(body: &[u8], max_length: usize) -> Result<Draft, ChatError> {
    parse_draft(&parse_body(body)?, max_length)
}

/// Reads the body of `POST /live-chat/announcements`.
///
/// # Errors
/// Those of [`parse_send_body`], and [`ChatError::InvalidRequest`] for any other colour.
pub fn parse_announcement_body(body: &[u8], max_length: usize) -> Result<Draft, ChatError> {
    let fields = parse_body(body)?;
    let named = |raw| serde_json::from_str::<String>(raw).ok().and_then(|name| Color::parse(&name));
    let color = match given(&fields, "color") {
        None => Color::default(),
        Some(raw) => named(raw).ok_or_else(|| invalid(&format!("color must be one of {}", Color::names())))?,
    };
    Ok(Draft { announcement: Some(color), ..parse_text(&fields, max_length)? })
}

fn parse_body(body: &[u8]) -> Result<Fields<'_>, ChatError> {
    serde_json::from_slice(body).map_err(|_| invalid("The body must be a JSON object with a message"))
}

fn parse_draft(fields: &Fields<'_>, max_length: usize) -> Result<Draft, ChatError> {
    let draft = parse_text(fields, max_length)?;
    let no_id = || invalid("reply_to is the id of a message");
    let reply_to = given(fields, "reply_to").map(|raw| MessageId::of_number(raw).ok_or_else(no_id)).transpose()?;
    // What is no JSON value of ours (a lone surrogate) is no list either.
    let mentions = given(fields, "mentions").map(|raw| serde_json::from_str(raw).unwrap_or_default());
    let mentions = mentions.as_ref().map(parse_mentions).transpose()?.unwrap_or_default();
    Ok(Draft { reply_to, mentions, ..draft })
}

/// Reads the text of a message and its key.
fn parse_text(fields: &Fields<'_>, max_length: usize) -> Result<Draft, ChatError> {
    let raw = fields.get("message").ok_or_else(|| ChatError::InvalidMessage("message is missing".to_owned()))?;
    // The text is parsed on its own, to tell a lone surrogate (which no Rust string can hold) from broken JSON.
    let text: String = serde_json::from_str(raw.get())
        .map_err(|_| ChatError::InvalidMessage("message must be a text without lone surrogates".to_owned()))?;
    let client_message_id = match given(fields, "client_message_id") {
        None => None,
        Some(raw) => {
            let key: String = serde_json::from_str(raw).map_err(|_| invalid("client_message_id must be a text"))?;
            Some(ClientMessageId::parse(&key)?)
        }
    };
    Ok(Draft::new(MessageText::parse(&text, max_length)?, client_message_id))
}

/// A field, unless it is absent or null.
fn given<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a str> {
    fields.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null")
}

fn parse_after(fields: &Fields<'_>) -> Result<u64, ChatError> {
    fields
        .get("after")
        .and_then(|raw| u64::try_from(number::whole(raw.get())?).ok())
        .ok_or_else(|| invalid("after must be a whole number, 0 or more"))
}

fn text_of(fields: &Fields<'_>, name: &str) -> Option<String> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

fn invalid(sentence: &str) -> ChatError {
    ChatError::InvalidRequest(sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(frame: &str) -> (&'static str, Option<String>) {
        let refused = ClientFrame::parse(frame, 10).unwrap_err();
        (refused.error.code(), refused.client_message_id)
    }

    #[test]
    fn the_three_frames_are_read() {
        assert_eq!(ClientFrame::parse(r#"{"type":"ping","extra":[1]}"#, 10).unwrap(), ClientFrame::Ping);
        for after in ["7", "7.0", "7e0", "0.7E+1", "70e-1"] {
            let frame = ClientFrame::parse(&format!(r#"{{"type":"resume","after":{after}}}"#), 10);
            assert_eq!(frame.unwrap(), ClientFrame::Resume { after: 7 }, "{after}");
        }
        let frame = ClientFrame::parse(r#"{"type":"message","message":" hi ","client_message_id":"k"}"#, 10).unwrap();
        let ClientFrame::Message(draft) = frame else { panic!("{frame:?}") };
        assert_eq!((draft.text.as_str(), draft.client_message_id.unwrap().as_str()), ("hi", "k"));
    }

    #[test]
    fn anything_else_is_an_invalid_request() {
        for frame in [
            "",
            "no json",
            "[]",
            "null",
            "7",
            "\"7\"",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"like"}"#,
            r#"{"type":"resume"}"#,
            r#"{"type":"resume","after":-1}"#,
            r#"{"type":"resume","after":7.5}"#,
            r#"{"type":"resume","after":"7"}"#,
            r#"{"type":"resume","after":1e20}"#,
            r#"{"type":"\ud800"}"#,
            r#"{"\ud800":1}"#,
        ] {
            assert_eq!(refusal(frame), ("invalid_request", None), "{frame}");
        }
    }

    #[test]
    fn a_bad_text_is_an_invalid_message_and_keeps_its_key() {
        for text in [r#""\ud800""#, r#""\u0000""#, "7", "null", r#""""#, r#""12345678901""#] {
            let frame = format!(r#"{{"type":"message","message":{text},"client_message_id":"k"}}"#);
            assert_eq!(refusal(&frame), ("invalid_message", Some("k".to_owned())), "{frame}");
        }
        assert_eq!(refusal(r#"{"type":"message"}"#), ("invalid_message", None));
        assert_eq!(refusal(r#"{"type":"message","message":"x","client_message_id":7}"#), ("invalid_request", None));
    }

    #[test]
    fn a_message_may_reply_and_mention() {
        let draft = |fields: &str| parse_send_body(format!(r#"{{"message":"hi"{fields}}}"#).as_bytes(), 10);
        let plain = draft(r#","reply_to":null,"mentions":null"#).unwrap();
        assert_eq!((plain.reply_to, plain.mentions.len()), (None, 0));
        for id in ["100000002", "100000002.0", "1.00000002e8"] {
            let draft = draft(&format!(r#","reply_to":{id},"mentions":["ann",7,"ann"]"#)).unwrap();
            assert_eq!(draft.reply_to, Some(MessageId::new(1, 2)), "{id}");
            assert_eq!(draft.mentions, ["ann", "7"]);
        }
        for id in ["-1", "1.5", r#""100000002""#, "9007199254740992", "{}", "true"] {
            let refused = draft(&format!(r#","reply_to":{id}"#)).unwrap_err();
            assert_eq!(refused.code(), "invalid_request", "{id}");
        }
        for mentions in [r#""ann""#, "7", r#"["\ud800"]"#, r#"[""]"#, r#"["a","b","c","d","e","f"]"#] {
            let refused = draft(&format!(r#","mentions":{mentions}"#)).unwrap_err();
            assert_eq!(refused.code(), "invalid_request", "{mentions}");
        }
    }

    #[test]
    fn an_announcement_has_one_of_the_colours() {
        let read = |fields: &str| parse_announcement_body(format!(r#"{{"message":"hi"{fields}}}"#).as_bytes(), 10);
        for (fields, color) in [
            ("", Color::Primary),
            (r#","color":null"#, Color::Primary),
            (r#","color":"purple","reply_to":"unknown here","mentions":7"#, Color::Purple),
        ] {
            let draft = read(fields).unwrap();
            assert_eq!((draft.announcement, draft.reply_to, draft.mentions.len()), (Some(color), None, 0), "{fields}");
        }
        for color in [r#""red""#, r#""""#, "7", r#"["blue"]"#, r#""\ud800""#] {
            let refused = read(&format!(r#","color":{color}"#)).unwrap_err();
            assert_eq!(refused.code(), "invalid_request", "{color}");
        }
        assert_eq!(parse_announcement_body(br#"{"color":"blue"}"#, 10).unwrap_err().code(), "invalid_message");
        assert_eq!(parse_send_body(br#"{"message":"hi","color":"blue"}"#, 10).unwrap().announcement, None);
    }

    #[test]
    fn a_surrogate_pair_is_a_character() {
        let draft = parse_send_body(br#"{"message":"\ud83d\ude00","client_message_id":null}"#, 1).unwrap();
        assert_eq!(draft.text.as_str(), "😀");
    }
}
