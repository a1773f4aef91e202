//! `POST /live-chat/draws`: commit to a seed, and freeze the list of those who may win.

use lambda_http::Request;
use lambda_http::http::StatusCode;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::draws::api::DrawResponse;
use shared::lambda::app::App;
use shared::lambda::http;
use shared::lambda::reply::WithStatus;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<WithStatus<DrawResponse>, ChatError> {
    let draw = app.chat.start_draw(caller, http::addressed(request), http::body(request)?).await?;
    Ok(WithStatus(StatusCode::CREATED, DrawResponse { draw }))
}
