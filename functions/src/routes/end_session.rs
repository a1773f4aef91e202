//! `POST /live-chat/sessions/{session_id}/end`: end a session before its time.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::sessions::list::SessionResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<SessionResponse, ChatError> {
    app.chat.end_session(caller, http::session_id(request)?, http::body(request)?).await
}
