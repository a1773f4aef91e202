//! `GET /live-chat/moderation/reports`: the reported messages of a session that staff have not decided on.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::page::parse_limit;
use shared::features::reports::api::ReportsResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// At most so many messages are in an answer.
const MAX_REPORTS: usize = 100;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<ReportsResponse, ChatError> {
    let limit = parse_limit(http::query(request, "limit"), MAX_REPORTS)?;
    app.chat.reports(caller, http::addressed(request), limit).await
}
