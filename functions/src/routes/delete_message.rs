//! `DELETE /live-chat/messages/{message_id}`: delete a message.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::messages::api::DeleteMessageResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<DeleteMessageResponse, ChatError> {
    let message_id = http::message_id(request)?;
    let session = app.chat.session_to_write(http::addressed(request), caller).await?;
    app.chat.delete_message(&session, message_id, caller).await
}
