//! `POST /live-chat/announcements`: say something as the host, so that it stands out.

use lambda_http::Request;
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
    Ok(WithStatus::of_send(app.chat.send(&session, caller, &draft).await?))
}
