//! `POST /live-chat/draws/{draw_id}/redraw`: publish the next winner of a draw.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::draws::api::DrawResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<DrawResponse, ChatError> {
    let draw = app.chat.redraw(caller, http::draw_id(request)?, http::body(request)?).await?;
    Ok(DrawResponse { draw })
}
