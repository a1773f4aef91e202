//! `GET /live-chat/messages`: one page of the history.

use lambda_http::Request;
use shared::domain::budget::Budget;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::page::{parse_anchor, parse_limit, parse_mine};
use shared::features::messages::api::MessagesResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<MessagesResponse, ChatError> {
    let limit = parse_limit(http::query(request, "limit"), app.chat.config.limits.history_limit)?;
    let mine = parse_mine(http::query(request, "mine"))?;
    app.chat.spend(Budget::Pages, caller).await?;
    let session = app.chat.session_to_read(http::addressed(request), caller).await?;
    let anchor = parse_anchor(http::query(request, "before"), http::query(request, "after"), session.id)?;
    app.chat.page(&session, anchor, limit, mine, caller).await
}
