//! `POST /live-chat/sessions`: create a session, which opens at once or later.

use lambda_http::Request;
use lambda_http::http::StatusCode;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::sessions::list::SessionResponse;
use shared::lambda::app::App;
use shared::lambda::http;
use shared::lambda::reply::WithStatus;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<WithStatus<SessionResponse>, ChatError> {
    let response = app.chat.create_session(caller, http::body(request)?).await?;
    Ok(WithStatus(StatusCode::CREATED, response))
}
