//! `GET /live-chat/status`: whether the chat is open, and its session.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};

use shared::domain::error::ChatError;
use shared::features::sessions::stats::Status;
use shared::lambda::app::App;
use shared::lambda::http;

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<Status, ChatError> {
    let caller = http::caller(app, request).await?;
    app.chat.status(http::query(request, "session_id"), &caller).await
}
