//! `POST /live-chat/like`: like the session.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::likes::api::LikeResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<LikeResponse, ChatError> {
    let session = app.chat.session_to_write(http::addressed(request), caller).await?;
    app.chat.like_session(&session, caller).await
}
