//! `GET /live-chat/moderation/actions/{action_id}`: one entry of the audit log.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::moderation::entry::EntryView;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<EntryView, ChatError> {
    app.chat.log_entry(caller, http::path(request, "action_id")).await
}
