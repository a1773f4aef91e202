//! `GET /live-chat/moderation/messages/{message_id}`: what staff see of a message.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::message::MessageResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<MessageResponse, ChatError> {
    app.chat.message_for_staff(caller, http::path(request, "message_id"), http::addressed(request)).await
}
