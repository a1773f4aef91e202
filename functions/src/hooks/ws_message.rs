//! `$default`: a frame is answered by the return value.

use shared::lambda::app::App;
use shared::lambda::websocket::{Reply, SocketEvent, connection_id};

/// Answers one event.
pub async fn handle(app: &App, event: &SocketEvent) -> Reply {
    let frame = event.body.as_deref().unwrap_or_default();
    let (answer, refusal) = Box::pin(app.chat.answer(connection_id(event), frame)).await;
    Reply::to_frame(answer, refusal)
}
