//! `POST /live-chat/moderation/actions`: act as a host or moderator.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::api::ActionResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<ActionResponse, ChatError> {
    app.chat.act(caller, &http::action(request)?).await
}
