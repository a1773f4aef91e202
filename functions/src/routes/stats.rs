//! `GET /live-chat/stats`: everything that can be counted.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::sessions::api::StatsResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<StatsResponse, ChatError> {
    app.chat.stats(http::addressed(request), caller).await
}
