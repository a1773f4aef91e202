//! `DELETE /live-chat/messages/{message_id}`: delete a message.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};

use shared::domain::error::ChatError;
use shared::features::messages::delete::Deleted;
use shared::lambda::app::App;
use shared::lambda::http;

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<Deleted, ChatError> {
    let caller = http::caller(app, request).await?;
    let message_id = http::message_id(request)?;
    let session = app.chat.session_to_write(http::query(request, "session_id")).await?;
    app.chat.delete_message(&session, message_id, &caller).await
}
