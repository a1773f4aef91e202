//! Everything that a server says on a socket: the wire protocol in one place.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::error::ChatError;
use crate::domain::message::{Message, MessageId};

/// Largest frame of several events in bytes: API Gateway meters up to 32 KB as one message.
pub const LARGEST_BATCH: usize = 32 * 1024;

/// A frame from the server.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame<'a> {
    /// Answer to `message`: it is stored.
    Ack {
        /// The key under which it was sent.
        client_message_id: Option<&'a str>,
        /// The message's id.
        message_id: MessageId,
        /// When it was stored.
        created_at: String,
        /// Whether it had been stored before.
        duplicate: bool,
    },
    /// Answer to `ping`.
    Pong {
        /// The server's time.
        server_time: String,
        /// How far the broadcast has come.
        last_seq: u64,
        /// Distinct viewers.
        viewer_count: u64,
        /// Likes of the session.
        total_likes: u64,
    },
    /// Answer to `resume`.
    Resumed {
        /// What came after the asked number, in order.
        messages: &'a [Message],
        /// How far the broadcast has come.
        last_seq: u64,
        /// Whether this is all; otherwise ask again.
        complete: bool,
    },
    /// Something failed; to the sender alone.
    Error {
        /// The stable code.
        code: &'a str,
        /// For people.
        message: String,
        /// The key of the message that failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_message_id: Option<&'a str>,
        /// When to try again, in milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// A message was stored.
    NewMessage {
        /// The message.
        message: &'a Message,
    },
    /// A message was deleted.
    MessageDeleted {
        /// Its id.
        message_id: MessageId,
    },
    /// The session's likes changed.
    SessionLikeUpdate {
        /// All likes of the session.
        total_likes: u64,
    },
    /// A message's likes changed.
    MessageLikeUpdate {
        /// Its id.
        message_id: MessageId,
        /// All likes of the message.
        likes: u64,
    },
    /// The viewers changed, or the socket was silent for long.
    ViewerCountUpdate {
        /// Distinct viewers.
        viewer_count: u64,
    },
    /// The window closed, and everything before was sent.
    SessionEnded {
        /// The session.
        session_id: u64,
    },
    /// Several events in one frame, for a socket that asked for `batch=1`.
    Batch {
        /// The events.
        events: &'a [&'a RawValue],
    },
}

impl ServerFrame<'_> {
    /// The frame that tells a sender of an error.
    pub fn error<'a>(error: &'a ChatError, client_message_id: Option<&'a str>) -> ServerFrame<'a> {
        ServerFrame::Error {
            code: error.code(),
            message: error.to_string(),
            client_message_id,
            retry_after_ms: error.retry_after().map(|wait| wait.as_millis() as u64),
        }
    }

    /// The frame's text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a frame has only text keys and finite numbers")
    }
}

/// Packs events (each a frame's text) into as few `batch` frames as their size allows, each with the number of its events. A
/// single one stays as it is.
pub fn pack(events: &[impl AsRef<str>]) -> Vec<(String, usize)> {
    let overhead = ServerFrame::Batch { events: &[] }.to_json().len();
    let (mut frames, mut batch, mut size) = (Vec::new(), Vec::new(), overhead);
    for event in events.iter().map(AsRef::as_ref) {
        if !batch.is_empty() && size + event.len() + 1 > LARGEST_BATCH {
            frames.push(frame_of(&std::mem::take(&mut batch)));
            size = overhead;
        }
        batch.push(event);
        size += event.len() + 1;
    }
    if !batch.is_empty() {
        frames.push(frame_of(&batch));
    }
    frames
}

fn frame_of(batch: &[&str]) -> (String, usize) {
    if let [only] = batch {
        return ((*only).to_owned(), 1);
    }
    let events: Vec<&RawValue> =
        batch.iter().map(|event| serde_json::from_str(event).expect("an event is JSON")).collect();
    (ServerFrame::Batch { events: &events }.to_json(), batch.len())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn events_look_as_the_contract_says() {
        let frame = ServerFrame::MessageLikeUpdate { message_id: MessageId::new(1, 2), likes: 3 }.to_json();
        assert_eq!(frame, r#"{"type":"message_like_update","message_id":100000002,"likes":3}"#);
        let limited = ChatError::RateLimited {
            detail: "Slow down".to_owned(),
            retry_after: std::time::Duration::from_millis(1500),
        };
        let expected = json!({"type": "error", "code": "rate_limited", "message": "Slow down", "client_message_id": "k", "retry_after_ms": 1500});
        assert_eq!(
            serde_json::from_str::<Value>(&ServerFrame::error(&limited, Some("k")).to_json()).unwrap(),
            expected
        );
    }

    #[test]
    fn packing_keeps_all_events_in_order_within_the_size() {
        let events: Vec<String> =
            (0..50).map(|i| format!(r#"{{"type":"x","i":{i},"pad":"{}"}}"#, "p".repeat(i * 100))).collect();
        let frames = pack(&events);
        assert!(frames.len() > 1 && frames.iter().all(|(frame, _)| frame.len() <= LARGEST_BATCH));
        let unpacked: Vec<Value> = frames
            .iter()
            .flat_map(|(frame, _)| match serde_json::from_str::<Value>(frame).unwrap() {
                Value::Object(object) if object["type"] == "batch" => object["events"].as_array().unwrap().clone(),
                single => vec![single],
            })
            .collect();
        let expected: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        assert_eq!(unpacked, expected);
        assert_eq!(frames.iter().map(|(_, count)| count).sum::<usize>(), events.len());
        assert_eq!(pack(&events[..1]), [(events[0].clone(), 1)]);
    }
}
