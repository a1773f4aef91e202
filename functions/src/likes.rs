//! `GET /live-chat/likes`: how many likes the session has.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};

use shared::domain::error::ChatError;
use shared::features::likes::like::Likes;
use shared::lambda::app::App;
use shared::lambda::http;

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<Likes, ChatError> {
    let caller = http::caller(app, request).await?;
    app.chat.likes(http::query(request, "session_id"), &caller).await
}
