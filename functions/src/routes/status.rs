//! `GET /live-chat/status`: whether the chat is open, and its session.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::sessions::api::StatusResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<StatusResponse, ChatError> {
    let status = app.chat.status(http::addressed(request), caller).await?;
    let standing = http::standing(app, caller, request).await?;
    let told = app.chat.told_standing(&standing, status.session_id(), caller);
    Ok(status.told_to(caller, told))
}
