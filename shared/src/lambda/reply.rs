//! The answers of handlers: JSON, with a status or a version where they have one.

use lambda_http::http::StatusCode;
use serde::Serialize;

use crate::domain::error::ChatError;
use crate::domain::receipt::SendReceipt;
use crate::features::messages::api::SendMessageResponse;

/// An answer: its status, its JSON, and the version of what it shows.
pub struct Reply {
    pub(super) status: StatusCode,
    pub(super) version: Option<u64>,
    pub(super) json: String,
}

impl From<String> for Reply {
    fn from(json: String) -> Reply {
        Reply { status: StatusCode::OK, version: None, json }
    }
}

/// What a handler answers: anything that is JSON, with 200, or [`WithStatus`] or [`WithVersion`].
pub trait IntoReply {
    /// The answer.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if it cannot be written as JSON.
    fn into_reply(self) -> Result<Reply, ChatError>;
}

impl<T: Serialize> IntoReply for T {
    fn into_reply(self) -> Result<Reply, ChatError> {
        serde_json::to_string(&self).map(Reply::from).map_err(ChatError::unavailable)
    }
}

/// An answer with a status of its own.
pub struct WithStatus<T>(pub StatusCode, pub T);

impl<T: Serialize> IntoReply for WithStatus<T> {
    fn into_reply(self) -> Result<Reply, ChatError> {
        Ok(Reply { status: self.0, ..self.1.into_reply()? })
    }
}

impl WithStatus<SendMessageResponse> {
    /// The answer to a send: 202 while the message waits for a decision.
    pub fn of_send(receipt: SendReceipt) -> WithStatus<SendMessageResponse> {
        let response = SendMessageResponse::from(receipt);
        let status = if response.is_held() { StatusCode::ACCEPTED } else { StatusCode::OK };
        WithStatus(status, response)
    }
}

/// An answer with a version, which is its `ETag`.
pub struct WithVersion<T>(pub u64, pub T);

impl<T: Serialize> IntoReply for WithVersion<T> {
    fn into_reply(self) -> Result<Reply, ChatError> {
        Ok(Reply { version: Some(self.0), ..self.1.into_reply()? })
    }
}

/// The answer of a handler.
///
/// # Errors
/// The refusal as it is; [`ChatError::Unavailable`] for an answer that cannot be written as JSON.
pub fn of(outcome: Result<impl IntoReply, ChatError>) -> Result<Reply, ChatError> {
    outcome?.into_reply()
}
