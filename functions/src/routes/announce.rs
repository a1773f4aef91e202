//! `POST /live-chat/announcements`: say something as the host, so that it stands out.

use lambda_http::Request;
use lambda_http::http::StatusCode;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::messages::api::SendMessageResponse;
use shared::lambda::app::App;
use shared::lambda::http;
use shared::lambda::reply::WithStatus;

/// Answers one request.
pub async fn handle(
    app: &App,
    caller: &Caller,
    request: &Request,
) -> Result<WithStatus<SendMessageResponse>, ChatError> {
    let draft = http::announcement(app, request)?;
    let session = app.chat.session_to_send(http::addressed(request), caller).await?;
    let response = SendMessageResponse::from(app.chat.send(&session, caller, &draft).await?);
    // Only an earlier message under the same `client_message_id` can wait for a decision.
    let status = if response.is_held() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok(WithStatus(status, response))
}
