//! `PUT /live-chat/moderation/presets`: save the modes of a room's new sessions, or of its shield.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::moderation::presets::Presets;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<Presets, ChatError> {
    app.chat.put_presets(caller, http::query(request, "room"), http::body(request)?).await
}
