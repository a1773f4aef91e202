//! Closes sockets: those that a handler asked for, and all of a session that has ended.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use super::SessionTurn;
use super::report::FlushReport;
use crate::broadcast::event::Event;
use crate::broadcast::lease::Interrupted;
use crate::domain::broadcast::lifecycle::Lifecycle;
use crate::domain::broadcast::turn::Lag;
use crate::domain::error::ChatError;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::sockets::store::Slice;
use crate::platform::posting::{ManagementApi, PostFailure};

/// Sockets that are closed at once.
const CONCURRENT_CLOSES: usize = 64;
/// A socket that cannot be closed is tried so often, beyond the client's own retries.
const MAX_TRIES: u32 = 3;
/// The first further try comes after this long.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// While lagging sockets catch up, the lease is looked at this often.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

impl SessionTurn {
    /// Closes the sockets that handlers asked for; `false` if none was asked for. One that fails is asked for again by its next frames.
    pub(super) async fn close_requested(&mut self) -> Result<bool, Interrupted> {
        let requested = std::mem::take(&mut self.pending.close);
        if requested.is_empty() {
            return Ok(false);
        }
        self.close_all(requested.into_iter().collect()).await?;
        Ok(true)
    }

    /// The room has heard everything: sends `session_ended`, and closes all sockets. The session is finished once all of them are
    /// closed; otherwise `housekeep` wakes the broadcast for its end again.
    pub(super) async fn close_room(&mut self) -> Result<(), Interrupted> {
        if self.seen.lifecycle != Lifecycle::Finished {
            let frame = ServerFrame::SessionEnded { session_id: self.room.session_id };
            let mut report = FlushReport::new(Instant::now(), &[], Vec::new());
            self.post(&[Event::of_frame(&frame, None)], &mut report).await?;
            while self.catch_up.lag() != Lag::None && Instant::now() < self.timing.deadline {
                self.wait(POLL_INTERVAL).await?;
            }
        }
        let store = &self.room.broadcast.chat.store;
        let subscribers = store.subscribers(self.room.session_id, Slice::ALL).await?;
        let connection_ids = subscribers.into_iter().map(|subscriber| subscriber.connection_id).collect();
        let open = self.close_all(connection_ids).await?;
        self.pending.wake_up.ended = false;
        self.cursor.finished = open == 0;
        self.lease.commit(&self.cursor).await
    }

    /// Closes sockets within the turn's share of posts and its time. Answers with how many may still be open.
    async fn close_all(&mut self, connection_ids: Vec<String>) -> Result<usize, Interrupted> {
        let (mut open, deadline) = (connection_ids.len(), self.timing.deadline);
        let (limiter, management_api) = (&self.room.rate_limiter, &self.room.broadcast.management_api);
        let mut closing = futures_util::stream::iter(connection_ids)
            .map(|connection_id| async move {
                limiter.wait().await;
                let closed = close_with_retries(management_api, &connection_id).await;
                if let Err(failure) = closed {
                    tracing::warn!(connection.id = connection_id, ?failure, "a socket could not be closed");
                }
                closed.is_ok()
            })
            .buffer_unordered(CONCURRENT_CLOSES);
        let closing = async {
            while let Ok(Some(closed)) = tokio::time::timeout_at(deadline, closing.next()).await {
                open -= usize::from(closed);
            }
            Ok::<_, ChatError>(open)
        };
        self.lease.hold(closing).await
    }
}

async fn close_with_retries(management_api: &ManagementApi, connection_id: &str) -> Result<(), PostFailure> {
    let mut tries = 1;
    loop {
        match management_api.close(connection_id).await {
            Err(_) if tries < MAX_TRIES => tokio::time::sleep(FIRST_BACKOFF * tries).await,
            outcome => return outcome,
        }
        tries += 1;
    }
}
