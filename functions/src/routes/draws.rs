//! `GET /live-chat/draws`: the draws of a session, newest first.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::draws::api::DrawsResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<DrawsResponse, ChatError> {
    let (before, limit) = (http::query(request, "before"), http::query(request, "limit"));
    app.chat.draws(http::addressed(request), caller, before, limit).await
}
