//! `GET /live-chat/moderation/users/{user_id}`: what staff know about a user.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::card::CardResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<CardResponse, ChatError> {
    app.chat.card(caller, http::path(request, "user_id"), http::addressed(request)).await
}
