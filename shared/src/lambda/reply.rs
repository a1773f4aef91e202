//! The answers of handlers: JSON, with a status or a version where they have one, and pages of exports.

use lambda_http::http::StatusCode;
use lambda_http::http::header::{HeaderName, HeaderValue, LINK};
use serde::Serialize;

use crate::domain::error::ChatError;
use crate::domain::receipt::SendReceipt;
use crate::features::export::page::ExportPage;
use crate::features::messages::api::SendMessageResponse;

/// Of the last page of an export.
const EXPORT_SHA256: HeaderName = HeaderName::from_static("export-sha256");
/// How far a page of an export comes,
const EXPORT_READ_TO: HeaderName = HeaderName::from_static("export-read-to");
/// and how far the export will.
const EXPORT_UP_TO: HeaderName = HeaderName::from_static("export-up-to");

/// An answer: its status, its text, which is JSON unless it says otherwise, and the version of what it shows.
pub struct Reply {
    pub(super) status: StatusCode,
    pub(super) version: Option<u64>,
    pub(super) media_type: &'static str,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) text: String,
}

impl From<String> for Reply {
    fn from(json: String) -> Reply {
        Reply { status: StatusCode::OK, version: None, media_type: "application/json", headers: Vec::new(), text: json }
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

impl IntoReply for ExportPage {
    fn into_reply(self) -> Result<Reply, ChatError> {
        // Against the request's own address, whatever the path before it is (RFC 8288, 3.1).
        let link = self.next.map(|query| HeaderValue::try_from(format!("<?{query}>; rel=\"next\"")));
        let link = link.transpose().map_err(ChatError::unavailable)?;
        let sum = self.sha256.map(HeaderValue::try_from).transpose().map_err(ChatError::unavailable)?;
        let headers = [
            (LINK, link),
            (EXPORT_SHA256, sum),
            (EXPORT_READ_TO, Some(HeaderValue::from(self.read_to))),
            (EXPORT_UP_TO, Some(HeaderValue::from(self.up_to))),
        ];
        let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Ok(Reply { media_type: self.format.media_type(), headers, ..Reply::from(self.body) })
    }
}

/// The answer of a handler.
///
/// # Errors
/// The refusal as it is; [`ChatError::Unavailable`] for an answer that cannot be written as JSON.
pub fn of(outcome: Result<impl IntoReply, ChatError>) -> Result<Reply, ChatError> {
    outcome?.into_reply()
}
