//! `POST /live-chat/ticket`: a ticket for one handshake of a socket.

use lambda_http::Request;
use shared::domain::budget::Budget;
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::features::tickets::api::TicketResponse;
use shared::lambda::app::App;
use shared::lambda::http;

/// Answers one request.
pub async fn handle(app: &App, caller: &Caller, request: &Request) -> Result<TicketResponse, ChatError> {
    app.chat.spend(Budget::Tickets, caller).await?;
    // A ticket is good for any session; what is asked here is whether there is one to go to. A browser does not learn why a handshake
    // was refused, so a client that names the session learns it here.
    let addressed = http::addressed(request);
    let session = app.chat.session_to_write(addressed, caller).await?;
    if addressed.is_named() {
        app.chat.check_handshakes(caller).await?;
        app.chat.check_sockets(&session, caller).await?;
    }
    app.chat.issue_ticket(addressed.is_named().then_some(session.id), caller).await
}
