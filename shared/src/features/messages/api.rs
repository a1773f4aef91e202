//! The responses of the routes of messages.

use serde::Serialize;

use crate::domain::message::{Message, MessageId};
use crate::domain::receipt::{SendOutcome, SendReceipt};
use crate::domain::wire::log_event::LogEvent;

/// The response of `DELETE /live-chat/messages/{message_id}`.
#[derive(Debug, Serialize)]
pub struct DeleteMessageResponse {
    pub(super) message: &'static str,
    pub(super) message_id: MessageId,
}

/// The response of `GET /live-chat/messages`.
#[derive(Debug, Serialize)]
pub struct MessagesResponse {
    pub(super) messages: Vec<PageMessage>,
    /// The numbered events among them, on a page of what comes after a message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) events: Vec<LogEvent>,
    pub(super) session_id: u64,
    pub(super) has_more: bool,
    pub(super) next_before: Option<MessageId>,
    pub(super) next_after: Option<MessageId>,
    pub(super) last_seq: u64,
}

/// The response of `GET /live-chat/questions`.
#[derive(Debug, Serialize)]
pub struct QuestionsResponse {
    pub(super) questions: Vec<PageMessage>,
    pub(super) session_id: u64,
}

/// A message of a page.
#[derive(Debug, Serialize)]
pub(super) struct PageMessage {
    #[serde(flatten)]
    pub(super) message: Message,
    /// Present with `mine=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_liked: Option<bool>,
}

/// The response of `POST /live-chat/send-message`.
#[derive(Debug, Serialize)]
pub struct SendMessageResponse {
    message: &'static str,
    #[serde(flatten)]
    receipt: SendReceipt,
}

impl From<SendReceipt> for SendMessageResponse {
    fn from(receipt: SendReceipt) -> SendMessageResponse {
        let message = match (&receipt.outcome, receipt.duplicate) {
            (SendOutcome::Held(_), false) => "Message held for review",
            (_, false) => "Message sent successfully",
            (_, true) => "Message already sent",
        };
        SendMessageResponse { message, receipt }
    }
}

impl SendMessageResponse {
    /// Whether the message waits for a decision: the request is accepted then, and not done (RFC 9110, 15.3.3).
    pub fn is_held(&self) -> bool {
        self.receipt.is_held()
    }
}

/// The response of `POST /live-chat/events`.
#[derive(Debug, Serialize)]
pub struct SendEventResponse {
    message: &'static str,
    session_id: u64,
    seq: u64,
    created_at: String,
    duplicate: bool,
}

impl SendEventResponse {
    pub(super) fn new(session_id: u64, seq: u64, created_at: String, duplicate: bool) -> SendEventResponse {
        let message = if duplicate { "Event already sent" } else { "Event sent successfully" };
        SendEventResponse { message, session_id, seq, created_at, duplicate }
    }
}
