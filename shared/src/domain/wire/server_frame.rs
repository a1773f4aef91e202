//! The frames that the server sends, all in one enum.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::draw::view::DrawView;
use crate::domain::error::ChatError;
use crate::domain::message::{Message, MessageId};
use crate::domain::moderation::clickable::ClickableLinks;
use crate::domain::moderation::standing_view::StandingView;
use crate::domain::poll::view::PollView;
use crate::domain::reactions::set::ReactionCounts;
use crate::domain::receipt::SendReceipt;
use crate::domain::wire::log_event::LogEvent;

/// In bytes. API Gateway bills a message for each 32 KB.
pub const MAX_BATCH_BYTES: usize = 32 * 1024;

/// A frame from the server.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame<'a> {
    /// The answer to `message`: it is stored, or held.
    Ack {
        /// The key that the client gave it.
        client_message_id: Option<&'a str>,
        /// What became of it.
        #[serde(flatten)]
        receipt: SendReceipt,
    },
    /// The answer to `ping`.
    Pong {
        /// The server's time.
        server_time: String,
        /// The progress of the broadcast.
        last_seq: u64,
        /// Distinct viewers.
        viewer_count: u64,
        /// Likes of the session.
        total_likes: u64,
        /// The version of the pins; absent if nothing was ever pinned.
        #[serde(skip_serializing_if = "Option::is_none")]
        pins_version: Option<u64>,
        /// The totals of reactions; absent before the first one.
        #[serde(skip_serializing_if = "Option::is_none")]
        reactions: Option<ReactionCounts>,
        /// The version of the polls; absent if there never was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        polls_version: Option<u64>,
        /// The version of the draws; absent if there never was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        draw_version: Option<u64>,
    },
    /// The answer to `react`: they count.
    Reacted {
        /// What was counted.
        reactions: ReactionCounts,
    },
    /// The answer to `resume`.
    Resumed {
        /// The messages after the requested number, in order.
        messages: &'a [Message],
        /// The numbered events after the requested number that are no messages, in order.
        #[serde(skip_serializing_if = "<[LogEvent]>::is_empty")]
        events: &'a [LogEvent],
        /// The progress of the broadcast.
        last_seq: u64,
        /// The number up to which the client is complete with these messages.
        up_to: u64,
        /// Whether no message is left to resume.
        complete: bool,
    },
    /// The answer to a frame that failed.
    Error {
        /// The stable code.
        code: &'a str,
        /// For people.
        message: String,
        /// The key of the message that failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_message_id: Option<&'a str>,
        /// The time until another try may pass, in milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        /// The standing that refuses the caller.
        #[serde(flatten)]
        standing: Option<&'a StandingView>,
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
    /// A message that was hidden is back.
    MessageRestored {
        /// The message.
        message: Box<Message>,
    },
    /// The session's likes changed.
    SessionLikeUpdate {
        /// The session's likes.
        total_likes: u64,
    },
    /// A message's likes changed.
    MessageLikeUpdate {
        /// Its id.
        message_id: MessageId,
        /// The message's likes.
        likes: u64,
    },
    /// The room has reacted.
    Reactions {
        /// Since the flush before.
        counts: ReactionCounts,
        /// Since the session began.
        totals: ReactionCounts,
    },
    /// The number of viewers changed, or the room was quiet for several minutes.
    ViewerCountUpdate {
        /// Distinct viewers.
        viewer_count: u64,
    },
    /// An act of moderation, for staff.
    ModerationAction {
        /// Its entry in the audit log.
        action: &'a Value,
    },
    /// The standing of a user, for that user alone.
    StandingUpdate {
        /// What holds of the user now.
        standing: &'a Value,
    },
    /// A message is held until it is decided on, for staff.
    MessageHeld {
        /// The held message.
        held: &'a Value,
    },
    /// It was decided on a held message, for staff.
    HeldResolved {
        /// Which.
        held_id: &'a str,
        /// `approved`, `denied` or `expired`.
        decision: &'a str,
        /// The message that it became.
        message_id: Option<MessageId>,
    },
    /// A held message was approved, for its author.
    MessageApproved {
        /// Which.
        held_id: &'a str,
        /// The key that the client gave it.
        client_message_id: Option<&'a str>,
        /// The message that it became.
        message_id: MessageId,
    },
    /// A held message was denied, for its author.
    MessageDenied {
        /// Which.
        held_id: &'a str,
        /// The key that the client gave it.
        client_message_id: Option<&'a str>,
        /// `denied` or `expired`.
        reason: &'a str,
    },
    /// A message was reported, for staff.
    MessageReported {
        /// Which.
        message_id: MessageId,
        /// By so many users.
        reports: u64,
        /// Their reasons.
        reasons: &'a [&'a str],
    },
    /// The session's modes changed.
    ModesUpdate {
        /// All of them.
        modes: &'a Value,
    },
    /// Other addresses than before become links.
    ClickableLinksUpdate {
        /// All that is told of them.
        clickable_links: &'a ClickableLinks,
    },
    /// Other messages than before are pinned.
    PinsUpdate {
        /// All of them, the newest pin first.
        pins: Vec<Message>,
        /// The number of changes of the pins so far.
        pins_version: u64,
    },
    /// Staff have marked a question.
    QuestionUpdate {
        /// Which.
        message_id: MessageId,
        /// Whether it is answered.
        answered: bool,
    },
    /// A poll was started, has votes, or has ended.
    PollUpdate {
        /// The poll, without anybody's vote.
        poll: PollView,
        /// The number of polls that were started or ended so far.
        polls_version: u64,
    },
    /// A draw was started, frozen, revealed or drawn again.
    DrawUpdate {
        /// The draw.
        draw: DrawView,
        /// The number of changes of the draws so far.
        draw_version: u64,
    },
    /// The session is over, and everything before was sent.
    SessionEnded {
        /// The session.
        session_id: u64,
    },
    /// Several events in one frame, for a socket with `batch=1`.
    Batch {
        /// The events.
        events: &'a [&'a RawValue],
    },
    /// A numbered event that is no message.
    #[serde(untagged)]
    Numbered(&'a LogEvent),
}

impl ServerFrame<'_> {
    /// The same for a socket that catches up: it is told the totals of reactions, and missed the show.
    #[must_use]
    pub fn without_burst(self) -> Self {
        match self {
            ServerFrame::Reactions { totals, .. } => {
                ServerFrame::Reactions { counts: ReactionCounts::default(), totals }
            }
            other => other,
        }
    }

    /// The `error` frame for an error.
    pub fn error<'a>(error: &'a ChatError, client_message_id: Option<&'a str>) -> ServerFrame<'a> {
        ServerFrame::Error {
            code: error.code(),
            message: error.to_string(),
            client_message_id,
            retry_after_ms: error.retry_after().map(|wait| wait.as_millis() as u64),
            standing: error.standing(),
        }
    }

    /// The frame's text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a frame has only text keys and finite numbers")
    }
}

/// Packs events (each a frame's text) into as few `batch` frames as the size limit allows, and counts the events of each. A frame
/// with a single event is that event.
pub fn pack(events: &[impl AsRef<str>]) -> Vec<(String, usize)> {
    let overhead = ServerFrame::Batch { events: &[] }.to_json().len();
    let (mut frames, mut batch, mut size) = (Vec::new(), Vec::new(), overhead);
    for event in events.iter().map(AsRef::as_ref) {
        if !batch.is_empty() && size + event.len() + 1 > MAX_BATCH_BYTES {
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
    use serde_json::json;

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
        assert!(frames.len() > 1 && frames.iter().all(|(frame, _)| frame.len() <= MAX_BATCH_BYTES));
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
