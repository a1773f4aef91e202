//! `POST /live-chat/ticket`: a ticket for one handshake of a socket.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};

use shared::domain::error::ChatError;
use shared::features::tickets::ticket::IssuedTicket;
use shared::lambda::app::App;
use shared::lambda::http;

/// Serves one request.
pub async fn handle(app: Arc<App>, request: Request) -> Response<Body> {
    http::respond(&request, answer(&app, &request).await)
}

async fn answer(app: &App, request: &Request) -> Result<IssuedTicket, ChatError> {
    let caller = http::caller(app, request).await?;
    // A ticket is good for any session; what is asked here is whether there is one to go to.
    app.chat.session_to_write(http::query(request, "session_id")).await?;
    app.chat.issue_ticket(&caller).await
}
