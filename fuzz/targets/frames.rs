//! Frames from clients. Any input is a frame or is refused; an accepted frame keeps its promises, has the same meaning when it is
//! serialised again, and takes the route that the WebSocket API selects for it.
#![no_main]

// This module is private to the gateway, and the target does not need the gateway's other parts.
#[path = "../../gateway/src/apis/websocket_api/selection.rs"]
mod selection;

use fuzz::{MAX_LENGTH, assert_is_fit, assert_is_name};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use shared::domain::custom_event::EventDraft;
use shared::domain::reactions::set::ReactionSet;
use shared::domain::wire::client_frame::{ClientFrame, parse_send_body};

fuzz_target!(|data: &[u8]| {
    // A REST body may be any bytes.
    if let Ok(draft) = parse_send_body(data, MAX_LENGTH) {
        assert_is_fit(&draft);
    }
    if let Ok(event) = EventDraft::parse(data) {
        assert_is_name(&event.name);
        let bytes: usize = event.attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(bytes <= 1024 && event.attributes.keys().all(|name| !name.is_empty()), "{event:?}");
        let key = event.client_event_id.as_ref().map(|key| key.as_str());
        let again = json!({"name": event.name, "attributes": event.attributes, "client_event_id": key});
        assert_eq!(EventDraft::parse(again.to_string().as_bytes()).ok(), Some(event), "{again}");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let route = selection::Selection::new("$request.body.type").key_of(text);
    match ClientFrame::parse(text, MAX_LENGTH) {
        Ok(frame) => {
            let (kind, again) = written(&frame);
            assert_eq!(route.as_deref(), Some(kind), "the API and the function read the same type");
            assert_eq!(ClientFrame::parse(&again.to_string(), MAX_LENGTH).ok(), Some(frame), "{again}");
        }
        Err(refused) => {
            assert!(matches!(refused.error.code(), "invalid_message" | "invalid_request"), "{refused:?}");
            assert!(!refused.error.to_string().is_empty());
            assert_ne!(
                serde_json::from_str::<Value>(text).unwrap_or_default()["type"],
                "ping",
                "a ping is never refused"
            );
        }
    }
});

/// The type of a frame, and the frame as a client would write it.
fn written(frame: &ClientFrame) -> (&'static str, Value) {
    match frame {
        ClientFrame::Ping => ("ping", json!({"type": "ping"})),
        ClientFrame::Resume { after } => ("resume", json!({"type": "resume", "after": after})),
        ClientFrame::React(None) => ("react", json!({"type": "react"})),
        ClientFrame::React(Some(reactions)) => {
            if let Ok(counts) = ReactionSet::default().read(Some(reactions)) {
                assert!((1..=20).contains(&counts.sum()) && counts.iter().all(|(_, count)| count > 0), "{counts:?}");
                let again = serde_json::to_value(&counts).expect("counts are JSON");
                assert_eq!(ReactionSet::default().read(Some(&again)).ok(), Some(counts), "{again}");
            }
            ("react", json!({"type": "react", "reactions": reactions}))
        }
        ClientFrame::Message(draft) => {
            assert_is_fit(draft);
            let key = draft.client_message_id.as_ref().map(|key| key.as_str());
            let again = json!({"type": "message", "message": draft.text.as_str(), "client_message_id": key,
                "reply_to": draft.reply_to, "mentions": draft.mentions, "kind": draft.question.then_some("question")});
            let by_rest = parse_send_body(again.to_string().as_bytes(), MAX_LENGTH);
            assert_eq!(by_rest.ok().as_ref(), Some(draft), "REST takes what a socket takes");
            ("message", again)
        }
    }
}
