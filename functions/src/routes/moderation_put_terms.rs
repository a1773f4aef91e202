//! `PUT /live-chat/moderation/terms`: replace the list of terms, for all sessions.

use lambda_http::Request;
use lambda_http::http::header::IF_MATCH;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::moderation::entry::EntryView;
use shared::domain::moderation::terms::{IfMatch, MAX_BYTES};
use shared::lambda::app::App;
use shared::lambda::http;
use shared::lambda::reply::WithVersion;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<WithVersion<EntryView>, ChatError> {
    let if_match = IfMatch::parse(http::header(request, IF_MATCH)?)?;
    let body = http::body_up_to(request, MAX_BYTES)?;
    let (version, entry) = app.chat.put_terms(caller, &if_match, body).await?;
    Ok(WithVersion(version, entry))
}
