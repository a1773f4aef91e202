//! `GET /live-chat/draws/{draw_id}/entrants`: the hashes of those who may win, in the order of the list.

use lambda_http::Request;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::draws::api::EntrantsResponse;
use shared::features::draws::list::EntrantsRequest;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<EntrantsResponse, ChatError> {
    let query = |name| http::query(request, name);
    let asked = EntrantsRequest { after: query("after"), limit: query("limit"), hash: query("hash") };
    app.chat.entrants(http::draw_id(request)?, caller, asked).await
}
