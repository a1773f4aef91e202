//! `POST /live-chat/polls/{poll_id}/vote`: vote in a poll, or change the vote.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::polls::api::VoteResponse;
use shared::features::polls::vote::parse_option;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<VoteResponse, ChatError> {
    let option = parse_option(http::body(request)?)?;
    app.chat.vote(http::poll_id(request)?, caller, option).await
}
