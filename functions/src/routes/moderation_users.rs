//! `GET /live-chat/moderation/users`: people by the beginning of their names.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::moderation::users::{UsersRequest, UsersResponse};
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<UsersResponse, ChatError> {
    let query = |name| http::query(request, name);
    let asked = UsersRequest { name: query("name"), session: http::addressed(request), limit: query("limit") };
    app.chat.users(caller, asked).await
}
