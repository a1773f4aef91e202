//! `GET /live-chat/sessions`: the sessions of all rooms, newest first.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::sessions::list::{ListRequest, SessionsResponse};
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<SessionsResponse, ChatError> {
    let query = |name| http::query(request, name);
    let asked =
        ListRequest { room: query("room"), state: query("state"), before: query("before"), limit: query("limit") };
    app.chat.sessions(caller, asked).await
}
