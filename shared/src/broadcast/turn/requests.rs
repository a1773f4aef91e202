//! Requests to close sockets. A request's row is deleted once its socket is not open any more, so a crash loses none.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::Instant;

use super::SessionTurn;
use crate::broadcast::catch_up::lagging::Lagging;
use crate::broadcast::lease::Interrupted;
use crate::domain::broadcast::turn::Lag;
use crate::domain::error::ChatError;
use crate::features::sockets::store_outbox::CloseRequest;
use crate::features::sockets::store_subscribers::Subscriber;
use crate::platform::dynamo::{Store, StoreError};
use crate::platform::posting::MAX_HANDSHAKE_MS;

/// Requests that a turn serves at once.
const MAX_REQUESTS: usize = 500;
/// The pause before a socket is closed again.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// A lagging socket has this long to receive what was sent before the request, in milliseconds.
const GRACE_MS: i64 = 2_000;
/// A turn asks for the next one only for requests that are younger, in milliseconds. `housekeep` finds older ones each minute.
const MAX_INSISTENCE_MS: i64 = MAX_HANDSHAKE_MS;
/// Requests that are checked at once.
const CONCURRENT_CHECKS: usize = 16;

impl SessionTurn {
    /// Closes the sockets that handlers asked to close; `false` if there are none, or if it is too early to try again.
    pub(super) async fn close_requested(&mut self) -> Result<bool, Interrupted> {
        // A user hears why a socket is closed before that.
        if self.pending.wake_up.outbox {
            return Ok(false);
        }
        let has_read = self.outbox.has_unread_requests && self.read_requests().await?;
        let connection_ids = self.due_requests();
        if connection_ids.is_empty() {
            return Ok(has_read);
        }
        let not_open = self.close_all(connection_ids).await?;
        self.settle_requests(not_open).await?;
        self.outbox.next_try = Some(Instant::now() + RETRY_AFTER);
        Ok(true)
    }

    /// Reads the requests, and then the notices once more: what a user is to hear was left before the request, but perhaps after notices
    /// were read last. `false` if there are none.
    async fn read_requests(&mut self) -> Result<bool, Interrupted> {
        let store = &self.room.broadcast.chat.store;
        let (requests, has_more) = store.close_requests(self.room.session_id, MAX_REQUESTS).await?;
        let are_there = !requests.is_empty();
        (self.outbox.requests, self.outbox.next_try) = (requests, None);
        self.pending.wake_up.outbox = are_there;
        while self.pending.wake_up.outbox {
            self.flush().await?;
        }
        self.outbox.has_unread_requests = has_more;
        self.help_requested().await?;
        Ok(are_there)
    }

    /// Starts the tasks of lagging sockets that are to be closed. An earlier turn may have noted that they miss what they should hear
    /// before.
    async fn help_requested(&mut self) -> Result<(), Interrupted> {
        let (room, complete) = (&self.room, self.cursor.seq);
        let (store, session_id) = (&room.broadcast.chat.store, room.session_id);
        let ids = self.outbox.requests.iter().map(CloseRequest::connection_id);
        let ids: Vec<String> = ids.filter(|id| !self.catch_up.has_helped(id)).map(str::to_owned).collect();
        let reads = futures_util::stream::iter(ids)
            .map(|id| async move { store.subscriber(session_id, &id).await })
            .buffer_unordered(CONCURRENT_CHECKS)
            .try_collect::<Vec<_>>();
        let subscribers = self.lease.hold(reads).await?;
        for subscriber in subscribers.into_iter().flatten().filter(Subscriber::is_lagging) {
            let lagging = Lagging::note(room, subscriber, complete, &[], complete).await;
            self.catch_up.begin(lagging);
        }
        Ok(())
    }

    /// The sockets to close now.
    fn due_requests(&self) -> Vec<String> {
        if self.outbox.next_try.is_some_and(|time| Instant::now() < time) {
            return Vec::new();
        }
        let (lagging, graced_ms) = (self.catch_up.connection_ids(), self.room.now_ms() - GRACE_MS);
        let ids = self.outbox.requests.iter().filter_map(|request| {
            let id = request.connection_id();
            let waits = request.asked_ms > graced_ms && lagging.iter().any(|lagging| lagging == id);
            (!waits).then(|| id.to_owned())
        });
        ids.collect()
    }

    /// Deletes the requests whose sockets are not open and will not open any more. `not_open` says for each whether it was open.
    async fn settle_requests(&mut self, not_open: Vec<(String, bool)>) -> Result<(), Interrupted> {
        let room = &self.room;
        let (store, session_id, now_ms) = (&room.broadcast.chat.store, room.session_id, room.now_ms());
        let was_open: HashMap<String, bool> = not_open.into_iter().collect();
        let checks = std::mem::take(&mut self.outbox.requests).into_iter().map(|request| {
            let was_open = was_open.get(request.connection_id()).copied();
            async move {
                match settle(store, session_id, &request, was_open, now_ms).await {
                    Ok(true) => None,
                    Ok(false) => Some(request),
                    Err(error) => {
                        tracing::warn!(session.id = session_id, error = %error, "a request to close a socket stays for now");
                        Some(request)
                    }
                }
            }
        });
        let checks = futures_util::stream::iter(checks).buffer_unordered(CONCURRENT_CHECKS).collect::<Vec<_>>();
        // If the lease is lost meanwhile, the table still has the requests.
        let has_unread = std::mem::replace(&mut self.outbox.has_unread_requests, true);
        let left = self.lease.hold(async { Ok::<_, ChatError>(checks.await) }).await?;
        self.outbox.requests = left.into_iter().flatten().collect();
        self.outbox.has_unread_requests = has_unread;
        Ok(())
    }

    /// The lag of the room: requests that are not done count as an idle lagging socket. Closing the room is more than they ask for.
    pub(super) fn lag(&mut self) -> Lag {
        match self.catch_up.lag() {
            Lag::None if self.has_young_request() && !self.seen.lifecycle.has_ended() => Lag::Idle,
            lag => lag,
        }
    }

    /// Whether the broadcast still insists on a request.
    pub(super) fn has_young_request(&self) -> bool {
        let since_ms = self.room.now_ms() - MAX_INSISTENCE_MS;
        self.outbox.requests.iter().any(|request| request.asked_ms > since_ms)
    }
}

/// Deletes a request if its socket is not open and will not open any more; `false` if it stays. `was_open` is unknown if the socket
/// was not closed.
async fn settle(
    store: &Store,
    session_id: u64,
    request: &CloseRequest,
    was_open: Option<bool>,
    now_ms: i64,
) -> Result<bool, StoreError> {
    match was_open {
        None => return Ok(false),
        Some(false) if may_open(store, session_id, request, now_ms).await? => return Ok(false),
        Some(_) => {}
    }
    store.delete_close_request(session_id, request.connection_id()).await?;
    Ok(true)
}

/// Whether a socket that is not open may open still, because its handshake is under way. A handshake that began after the request is
/// refused by what the act wrote before.
async fn may_open(store: &Store, session_id: u64, request: &CloseRequest, now_ms: i64) -> Result<bool, StoreError> {
    if now_ms - request.asked_ms >= MAX_HANDSHAKE_MS {
        return Ok(false);
    }
    match (store.socket(request.connection_id()).await?, &request.user_id) {
        (Some(socket), _) => Ok(now_ms - socket.connected_ms < MAX_HANDSHAKE_MS),
        // The handshake has counted the socket, and not written its row yet.
        (None, Some(user_id)) => {
            let open = store.sockets_of(session_id, user_id).await?;
            Ok(open.iter().any(|id| id == request.connection_id()))
        }
        (None, None) => Ok(false),
    }
}
