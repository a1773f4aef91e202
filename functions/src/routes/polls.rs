//! `GET /live-chat/polls`: the polls of a session with their votes, newest first.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::polls::api::PollsResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<PollsResponse, ChatError> {
    let (before, limit) = (http::query(request, "before"), http::query(request, "limit"));
    app.chat.polls(http::addressed(request), caller, before, limit).await
}
