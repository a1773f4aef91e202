//! `POST /live-chat/like`: like the session.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};

use shared::domain::error::ChatError;
use shared::features::likes::like::SessionLike;
use shared::lambda::app::App;
use shared::lambda::http;

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<SessionLike, ChatError> {
    let caller = http::caller(app, request).await?;
    let session = app.chat.session_to_write(http::query(request, "session_id")).await?;
    app.chat.like_session(&session, &caller).await
}
