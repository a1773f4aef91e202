//! `GET /live-chat/moderation/actions`: the audit log.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::api::LogResponse;
use shared::features::moderation::log::LogRequest;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<LogResponse, ChatError> {
    let query = |name| http::query(request, name);
    let asked = LogRequest {
        session: http::addressed(request),
        user_id: query("user_id"),
        actor: query("actor"),
        action: query("action"),
        before: query("before"),
        limit: query("limit"),
    };
    app.chat.log(caller, asked).await
}
