//! `GET /live-chat/likes`: how many likes the session has.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::likes::api::LikesResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<LikesResponse, ChatError> {
    app.chat.likes(http::addressed(request), caller).await
}
