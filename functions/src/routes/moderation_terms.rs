//! `GET /live-chat/moderation/terms`: the list of terms, with its version as `ETag`.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::moderation::terms::Terms;
use shared::lambda::app::App;
use shared::lambda::reply::WithVersion;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, _request: &Request) -> Result<WithVersion<Terms>, ChatError> {
    let (version, terms) = app.chat.terms(caller).await?;
    Ok(WithVersion(version, terms))
}
