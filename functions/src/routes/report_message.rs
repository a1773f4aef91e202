//! `POST /live-chat/report-message/{message_id}`: report a message to staff.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::reports::api::ReportResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<ReportResponse, ChatError> {
    app.chat.report(http::message_id(request)?, http::report(request)?, caller).await
}
