//! `POST /live-chat/events`: tell the applications of the room something that is no message.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::messages::api::SendEventResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<SendEventResponse, ChatError> {
    let event = http::event(request)?;
    let session = app.chat.session_to_send(http::addressed(request), caller).await?;
    app.chat.send_event(&session, caller, &event).await
}
