//! `POST /live-chat/send-message`: send a message without a socket.

use lambda_http::Request;
use serde::Serialize;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::messages::send::SendReceipt;
use shared::lambda::app::App;
use shared::lambda::http;

/// What is said, beside the receipt.
#[derive(Serialize)]
pub struct SendResponse {
    message: &'static str,
    #[serde(flatten)]
    receipt: SendReceipt,
}

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<SendResponse, ChatError> {
    let draft = http::draft(app, request)?;
    let session = app.chat.session_to_write(http::query(request, "session_id")).await?;
    let receipt = app.chat.send(&session, caller, &draft).await?;
    let message = if receipt.duplicate { "Message already sent" } else { "Message sent successfully" };
    Ok(SendResponse { message, receipt })
}
