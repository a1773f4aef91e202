//! `POST /live-chat/polls`: ask the room.

use lambda_http::Request;
use lambda_http::http::StatusCode;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::polls::api::PollResponse;
use shared::lambda::app::App;
use shared::lambda::http;
use shared::lambda::reply::WithStatus;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<WithStatus<PollResponse>, ChatError> {
    let poll = app.chat.start_poll(caller, http::addressed(request), http::body(request)?).await?;
    Ok(WithStatus(StatusCode::CREATED, PollResponse { poll }))
}
