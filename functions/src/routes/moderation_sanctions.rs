//! `GET /live-chat/moderation/sanctions`: who is banned or timed out.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::sanctions::{SanctionsRequest, SanctionsResponse};
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<SanctionsResponse, ChatError> {
    let query = |name| http::query(request, name);
    let asked = SanctionsRequest {
        session: http::addressed(request),
        active: query("active"),
        before: query("before"),
        limit: query("limit"),
    };
    app.chat.listed_sanctions(caller, asked).await
}
