//! `GET /live-chat/questions`: the questions to the host.

use lambda_http::Request;
use shared::domain::budget::Budget;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::page::{parse_mine, parse_question_order};
use shared::features::messages::api::QuestionsResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<QuestionsResponse, ChatError> {
    let order = parse_question_order(http::query(request, "sort"))?;
    let mine = parse_mine(http::query(request, "mine"))?;
    app.chat.spend(Budget::Pages, caller).await?;
    let session = app.chat.session_to_read(http::addressed(request), caller).await?;
    app.chat.questions(&session, order, mine, caller).await
}
