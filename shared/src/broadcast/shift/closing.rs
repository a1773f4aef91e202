//! A shift closes sockets: those that a handler asked for, and all of a session that has ended.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use crate::broadcast::shift::{End, LOOK_AGAIN, Shift, counter};
use crate::domain::error::ChatError;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::sockets::store::Slice;
use crate::platform::posting::{PostFailure, Sockets};

/// Sockets that are closed at once.
const CLOSES_AT_ONCE: usize = 64;
/// How often a socket that cannot be closed is tried, beyond the client's own retries.
const TRIES: u32 = 3;
/// How long to wait before the first further try.
const FIRST_WAIT: Duration = Duration::from_millis(100);

impl Shift {
    /// Closes the sockets that handlers asked for. One that fails is asked for again by its next frames.
    pub(crate) async fn close_unwanted(&mut self) -> Result<(), ChatError> {
        let unwanted = std::mem::take(&mut self.news.close);
        if !unwanted.is_empty() {
            self.close_all(unwanted.into_iter().collect()).await?;
        }
        Ok(())
    }

    /// Everything was sent: tells that the session has ended, and closes all sockets. The session is finished only if all of
    /// them are closed; otherwise `housekeep` rings for its end again.
    pub(crate) async fn finish(&mut self) -> Result<End, ChatError> {
        if !self.cursor.finished {
            let event = counter(&ServerFrame::SessionEnded { session_id: self.session_id });
            self.tell(&[], std::slice::from_ref(&event), Instant::now()).await?;
            while !self.catch_up.is_empty() && Instant::now() < self.deadline {
                let (catch_up, waiting) = (&mut self.catch_up, LOOK_AGAIN);
                tokio::select! { () = catch_up.wait_for_one() => {}, () = tokio::time::sleep(waiting) => {} }
                if !self.keep_lease().await? {
                    return Ok(End::LeaseLost);
                }
            }
        }
        let places = self.broadcast.chat.store.subscribers(self.session_id, Slice::ALL).await?;
        let open = self.close_all(places.into_iter().map(|place| place.connection_id).collect()).await?;
        self.news.ended = false;
        self.cursor.finished = open == 0;
        Ok(if self.move_cursor().await? { End::Done } else { End::LeaseLost })
    }

    /// Closes sockets within the shift's share of posts and its time. Answers with how many may still be open.
    async fn close_all(&self, connection_ids: Vec<String>) -> Result<usize, ChatError> {
        let (mut open, pace, sockets) = (connection_ids.len(), &self.pace, &self.broadcast.sockets);
        let mut closing = futures_util::stream::iter(connection_ids)
            .map(|connection_id| async move {
                pace.wait().await;
                let closed = close_patiently(sockets, &connection_id).await;
                if let Err(failure) = closed {
                    tracing::warn!(connection.id = connection_id, ?failure, "a socket could not be closed");
                }
                closed.is_ok()
            })
            .buffer_unordered(CLOSES_AT_ONCE);
        self.holding_the_lease(async {
            while let Ok(Some(closed)) = tokio::time::timeout_at(self.deadline, closing.next()).await {
                open -= usize::from(closed);
            }
            Ok(())
        })
        .await?;
        Ok(open)
    }
}

async fn close_patiently(sockets: &Sockets, connection_id: &str) -> Result<(), PostFailure> {
    let mut tries = 1;
    loop {
        match sockets.close(connection_id).await {
            Err(_) if tries < TRIES => tokio::time::sleep(FIRST_WAIT * tries).await,
            outcome => return outcome,
        }
        tries += 1;
    }
}
