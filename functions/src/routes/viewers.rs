//! `GET /live-chat/viewers`: how many viewers there are.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::sessions::api::ViewersResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<ViewersResponse, ChatError> {
    app.chat.viewers(http::addressed(request), caller).await
}
