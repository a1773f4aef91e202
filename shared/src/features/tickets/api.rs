//! The response of the route of tickets.

use serde::Serialize;

/// The response of `POST /live-chat/ticket`.
#[derive(Serialize)]
pub struct TicketResponse {
    pub(super) ticket: String,
    pub(super) expires_in: i64,
}
