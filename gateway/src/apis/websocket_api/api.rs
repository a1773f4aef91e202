//! The API itself: its configuration, and the state that all of its sockets share.

use std::sync::Arc;

use shared::platform::clock::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::selection::Selection;
use crate::apis::connections::Connections;
use crate::cloud::engine::Engine;
use crate::cloud::template::WebSocketSpec;
use crate::http::limits::Limits;

/// The WebSocket API.
pub(crate) struct WebSocketApi {
    pub(super) spec: WebSocketSpec,
    pub(super) selection: Selection,
    pub(super) engine: Engine,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    pub(super) connections: Arc<Connections>,
    pub(super) tasks: TaskTracker,
    pub(super) closing: CancellationToken,
}

impl WebSocketApi {
    /// The API of this specification, over this registry of sockets.
    pub(crate) fn new(
        spec: WebSocketSpec,
        engine: Engine,
        clock: Clock,
        limits: Limits,
        connections: Arc<Connections>,
    ) -> WebSocketApi {
        WebSocketApi {
            selection: Selection::new(&spec.route_selection_expression),
            spec,
            engine,
            clock,
            limits,
            connections,
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
        }
    }

    /// Closes all sockets, runs their `$disconnect` functions, and lets no new ones in.
    pub(crate) async fn shut_down(&self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
