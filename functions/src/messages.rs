//! `GET /live-chat/messages`: one page of the history.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};

use shared::domain::error::ChatError;
use shared::domain::page::{parse_anchor, parse_limit};
use shared::features::messages::history::Page;
use shared::lambda::app::App;
use shared::lambda::http;

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<Page, ChatError> {
    http::caller(app, request).await?;
    let limit = parse_limit(http::query(request, "limit"), app.chat.config.history_limit)?;
    let session = app.chat.session_to_read(http::query(request, "session_id")).await?;
    let anchor = parse_anchor(http::query(request, "before"), http::query(request, "after"), session.id)?;
    app.chat.page(&session, anchor, limit).await
}
