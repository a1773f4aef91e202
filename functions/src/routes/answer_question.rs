//! `POST /live-chat/questions/{message_id}/answered`: mark a question as answered, or as open again.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::api::AnsweredResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<AnsweredResponse, ChatError> {
    let message_id = http::message_id(request)?;
    app.chat.mark_answered(caller, message_id, http::body(request)?).await
}
