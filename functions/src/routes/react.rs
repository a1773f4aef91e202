//! `POST /live-chat/react`: react to what happens.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::reactions::api::ReactResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<ReactResponse, ChatError> {
    let reactions = app.chat.config.sessions.reactions.parse_body(http::body(request)?)?;
    let session = app.chat.session_to_write(http::addressed(request), caller).await?;
    app.chat.react(&session, caller, reactions).await
}
