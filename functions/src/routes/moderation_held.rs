//! `GET /live-chat/moderation/held`: the messages that wait for a decision.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::held::list::{HeldRequest, HeldResponse};
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<HeldResponse, ChatError> {
    let query = |name| http::query(request, name);
    let asked = HeldRequest { session: http::addressed(request), after: query("after"), limit: query("limit") };
    app.chat.held_page(caller, asked).await
}
