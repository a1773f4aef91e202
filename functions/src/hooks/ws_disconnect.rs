//! `$disconnect`: a socket that closed is forgotten.

use shared::lambda::app::App;
use shared::lambda::websocket::{Reply, SocketEvent, connection_id};

/// Answers one event.
pub async fn handle(app: &App, event: &SocketEvent) -> Reply {
    Reply::to_end(app.chat.close_socket(connection_id(event)).await)
}
