//! `POST /live-chat/send-message`: send a message without a socket.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use serde::Serialize;
use shared::domain::error::ChatError;
use shared::features::messages::send::SendReceipt;
use shared::lambda::app::App;
use shared::lambda::http;

/// What is said, beside the receipt.
#[derive(Serialize)]
struct SendResponse {
    message: &'static str,
    #[serde(flatten)]
    receipt: SendReceipt,
}

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<SendResponse, ChatError> {
    let caller = http::caller(app, request).await?;
    let draft = http::draft(app, request)?;
    let session = app.chat.session_to_write(http::query(request, "session_id")).await?;
    let receipt = app.chat.send(&session, &caller, &draft).await?;
    let message = if receipt.duplicate { "Message already sent" } else { "Message sent successfully" };
    Ok(SendResponse { message, receipt })
}
