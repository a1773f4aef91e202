//! What the route of tickets answers.

use serde::Serialize;

/// Answer of `POST /live-chat/ticket`.
#[derive(Serialize)]
pub struct TicketResponse {
    pub(super) ticket: String,
    pub(super) expires_in: i64,
}
