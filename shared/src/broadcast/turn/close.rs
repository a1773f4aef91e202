//! The end of sockets: those of `requests`, and all of a session that has ended.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use super::SessionTurn;
use super::report::FlushReport;
use crate::broadcast::event::Event;
use crate::broadcast::lease::Interrupted;
use crate::broadcast::topic::Topic;
use crate::domain::broadcast::lifecycle::{Ending, Lifecycle};
use crate::domain::broadcast::turn::Lag;
use crate::domain::error::ChatError;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::sockets::store_subscribers::Slice;
use crate::platform::dynamo::calls::Consistency;
use crate::platform::posting::{ManagementApi, PostFailure};

/// Sockets that are closed at once.
const CONCURRENT_CLOSES: usize = 64;
/// Attempts to close a socket. The client has no retries of its own.
const MAX_TRIES: u32 = 3;
/// The pause before the second attempt.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// The time between two looks at the lagging sockets while they catch up.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

impl SessionTurn {
    /// Checks a wake-up that says that the session has ended. If so, no number is allocated any more, and every number that is not
    /// stored by now must be settled, too.
    pub(super) async fn learn_lifecycle(&mut self) -> Result<(), Interrupted> {
        if !self.pending.wake_up.ended {
            return Ok(());
        }
        let (chat, ending) = (&self.room.broadcast.chat, self.cursor.ending());
        let now = chat.clock.now();
        let head = chat.store.head(self.room.session_id, now).await?;
        self.seen.lifecycle = match (&head, ending) {
            (Some(head), _) => Lifecycle::of(head, ending, now),
            // The room of a session that has expired is closed, too.
            (None, Ending::Unfinished) => Lifecycle::Ended,
            (None, Ending::Finished) => Lifecycle::Finished,
        };
        // `housekeep` looks for lost wake-ups of open sessions alone.
        if let Some(head) = head.as_ref().filter(|_| self.seen.lifecycle == Lifecycle::Ended)
            && chat.has_untold_reactions(head, Consistency::Strong).await?
        {
            self.pending.wake_up.topics.insert(Topic::Reactions);
        }
        let settle_up_to = &mut self.pending.wake_up.settle_up_to;
        match head {
            Some(head) if self.seen.lifecycle.has_ended() => *settle_up_to = head.seq.max(*settle_up_to),
            Some(_) => {}
            None => *settle_up_to = 0,
        }
        self.pending.wake_up.ended = self.seen.lifecycle.has_ended();
        // Nobody hears of a notice after `session_ended`.
        self.pending.wake_up.outbox |= self.pending.wake_up.ended;
        Ok(())
    }

    /// Sends `session_ended` after everything else, and closes all sockets. The session is finished once all of them are closed.
    /// Otherwise `housekeep` wakes the broadcast again.
    pub(super) async fn close_room(&mut self) -> Result<(), Interrupted> {
        if self.seen.lifecycle != Lifecycle::Finished {
            let frame = ServerFrame::SessionEnded { session_id: self.room.session_id };
            let events = [Event::of_frame(&frame, None)];
            self.post(&events, &mut FlushReport::new(Instant::now(), &events, &[], Vec::new())).await?;
            while self.catch_up.lag() != Lag::None && Instant::now() < self.timing.deadline {
                self.wait(POLL_INTERVAL).await?;
            }
        }
        let store = &self.room.broadcast.chat.store;
        let subscribers = store.subscribers(self.room.session_id, Slice::ALL).await?;
        let sockets = subscribers.len();
        let connection_ids = subscribers.into_iter().map(|subscriber| subscriber.connection_id).collect();
        let closed = self.close_all(connection_ids).await?.len();
        self.pending.wake_up.ended = false;
        self.cursor.finished = closed == sockets;
        self.lease.commit(&self.cursor).await
    }

    /// Closes sockets within the rate limit and the time of the turn. Returns those that are not open now, and whether they were.
    pub(super) async fn close_all(&mut self, connection_ids: Vec<String>) -> Result<Vec<(String, bool)>, Interrupted> {
        let deadline = self.timing.deadline;
        let (limiter, management_api) = (&self.room.rate_limiter, &self.room.broadcast.management_api);
        let mut closing = futures_util::stream::iter(connection_ids)
            .map(|connection_id| async move {
                limiter.wait().await;
                let closed = close_with_retries(management_api, &connection_id).await;
                if let Err(failure) = closed {
                    tracing::warn!(connection.id = connection_id, ?failure, "a socket could not be closed");
                }
                closed.ok().map(|was_open| (connection_id, was_open))
            })
            .buffer_unordered(CONCURRENT_CLOSES);
        let closing = async {
            let mut not_open = Vec::new();
            while let Ok(Some(closed)) = tokio::time::timeout_at(deadline, closing.next()).await {
                not_open.extend(closed);
            }
            Ok::<_, ChatError>(not_open)
        };
        self.lease.hold(closing).await
    }
}

async fn close_with_retries(management_api: &ManagementApi, connection_id: &str) -> Result<bool, PostFailure> {
    let mut tries = 1;
    loop {
        match management_api.close(connection_id).await {
            Err(_) if tries < MAX_TRIES => tokio::time::sleep(FIRST_BACKOFF * tries).await,
            outcome => return outcome,
        }
        tries += 1;
    }
}
