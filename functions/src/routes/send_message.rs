//! `POST /live-chat/send-message`: send a message without a socket.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::messages::api::SendMessageResponse;
use shared::lambda::app::App;
use shared::lambda::http;
use shared::lambda::origin;
use shared::lambda::reply::WithStatus;

/// Answers one request.
pub async fn handle(
    app: &App,
    caller: &Caller,
    request: &Request,
) -> Result<WithStatus<SendMessageResponse>, ChatError> {
    let draft = http::draft(app, request)?;
    let caller = &origin::located(&app.chat.config, caller.clone(), request.headers());
    let session = app.chat.session_to_send(http::addressed(request), caller).await?;
    Ok(WithStatus::of_send(app.chat.send(&session, caller, &draft).await?))
}
