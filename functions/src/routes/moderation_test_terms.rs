//! `POST /live-chat/moderation/terms/test`: what the list of terms says about a text.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::terms::TestResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<TestResponse, ChatError> {
    app.chat.test_terms(caller, http::body(request)?).await
}
