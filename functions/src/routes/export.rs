//! `GET /live-chat/sessions/{session_id}/export`: one page of the export of a session.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::export::page::ExportPage;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<ExportPage, ChatError> {
    let asked = http::export(request)?;
    app.chat.export(caller, http::session_id(request)?, &asked).await
}
