//! The responses of the routes of messages.

use serde::Serialize;

use crate::domain::message::{Message, MessageId};
use crate::domain::wire::log_event::LogEvent;
use crate::features::messages::send::SendReceipt;

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
        let message = if receipt.duplicate { "Message already sent" } else { "Message sent successfully" };
        SendMessageResponse { message, receipt }
    }
}
