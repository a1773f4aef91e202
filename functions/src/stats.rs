//! `GET /live-chat/stats`: everything that can be counted.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};

use shared::domain::error::ChatError;
use shared::features::sessions::stats::Stats;
use shared::lambda::app::App;
use shared::lambda::http;

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<Stats, ChatError> {
    let caller = http::caller(app, request).await?;
    app.chat.stats(http::query(request, "session_id"), &caller).await
}
