//! `POST /live-chat/polls/{poll_id}/close`: end a poll before its time.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::polls::api::PollResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<PollResponse, ChatError> {
    let poll = app.chat.close_poll(caller, http::poll_id(request)?, http::body(request)?).await?;
    Ok(PollResponse { poll })
}
