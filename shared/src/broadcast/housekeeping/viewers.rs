//! Viewers that left unnoticed: API Gateway reports the end of a socket at most once, and a viewer that only polls just stops.

use futures_util::StreamExt;
use tokio::time::Instant;

use crate::broadcast::housekeeping::{CONCURRENT_CALLS, Duty, Housekeeping};
use crate::domain::error::ChatError;
use crate::domain::session::{Head, Session};
use crate::domain::time::SKEW_MS;
use crate::features::presence::store::{MAX_SOCKETS_PER_USER, Presence};
use crate::features::presence::store_uncounted::Counting;
use crate::platform::metrics::emf::Metric;
use crate::platform::posting::MAX_HANDSHAKE_MS;

/// The sockets of a user with at least this many are checked before the user is silent: dead sockets count towards the user's limit.
const MANY_SOCKETS: usize = MAX_SOCKETS_PER_USER / 2;

/// The action on a socket that API Gateway reports as open.
#[derive(Clone, Copy)]
enum IfOpen {
    Keep,
    Close,
}

impl Housekeeping {
    /// Removes viewers that were not seen within the timeout, unless API Gateway reports one of their sockets as open, and likewise the
    /// sockets of those who are no viewers. Corrects the number of viewers. Checks that do not fit into this minute are left to the next ones.
    pub(crate) async fn run_viewer_duties(&self, session: &Session, until: Instant) -> Vec<Duty> {
        let everybody = match self.chat.store.everybody(session.id).await {
            Ok(everybody) => everybody,
            Err(error) => return vec![("reading the viewers", Err(error.into()))],
        };
        let timeout_ms = self.chat.config.limits.viewer_timeout.as_millis() as i64;
        let now_ms = self.chat.clock.now().as_millisecond();
        // A time in the future was noted before the clock jumped back, so the real one is unknown.
        let is_silent = |presence: &Presence| !(-SKEW_MS..=timeout_ms).contains(&(now_ms - presence.seen_ms));
        let (without_socket, with_sockets): (Vec<_>, Vec<_>) =
            everybody.into_iter().partition(|(_, presence)| presence.sockets.is_empty());
        let (with_many_sockets, mut silent): (Vec<_>, Vec<_>) = with_sockets
            .into_iter()
            .filter(|(_, presence)| is_silent(presence) || presence.sockets.len() >= MANY_SOCKETS)
            .partition(|(_, presence)| presence.sockets.len() >= MANY_SOCKETS);
        if !silent.is_empty() {
            // If there are too many for one minute, each has the same chance.
            let first = rand::random_range(0..silent.len());
            silent.rotate_left(first);
        }
        let without_socket = without_socket.into_iter().filter(|(_, presence)| is_silent(presence));
        let gone = self.check_all(session, without_socket, IfOpen::Keep, until).await;
        let recounted = self.recount_viewers(session).await;
        let asked = self.check_all(session, with_many_sockets.into_iter().chain(silent), IfOpen::Keep, until).await;
        vec![
            ("forgetting viewers without a socket", gone),
            ("recounting viewers", recounted),
            ("asking about silent sockets", asked),
        ]
    }

    /// Removes the viewers that are left after a session's end. They left unnoticed, or came in at the last moment.
    pub(crate) async fn clean_up(&self, session: &Session, head: &Head, until: Instant) -> Result<(), ChatError> {
        let everybody = self.chat.store.everybody(session.id).await?;
        if everybody.is_empty() && head.viewer_count == 0 {
            return Ok(());
        }
        let checked = self.check_all(session, everybody.into_iter(), IfOpen::Close, until).await;
        self.recount_viewers(session).await.and(checked)
    }

    /// Checks users until the time is up. Returns the last failure, after all others were checked.
    async fn check_all(
        &self,
        session: &Session,
        users: impl Iterator<Item = (Counting, Presence)>,
        if_open: IfOpen,
        until: Instant,
    ) -> Result<(), ChatError> {
        let in_time = users.take_while(|_| Instant::now() < until);
        let mut checks = futures_util::stream::iter(in_time)
            .map(|user| self.check(session, user, if_open, until))
            .buffer_unordered(CONCURRENT_CALLS);
        let mut outcome = Ok(());
        while let Some(checked) = checks.next().await {
            if checked.is_err() {
                outcome = checked;
            }
        }
        outcome
    }

    async fn check(
        &self,
        session: &Session,
        (counting, presence): (Counting, Presence),
        if_open: IfOpen,
        until: Instant,
    ) -> Result<(), ChatError> {
        let store = &self.chat.store;
        if presence.sockets.is_empty() {
            return Ok(store.forget(session.id, counting, &presence).await?);
        }
        for connection_id in &presence.sockets {
            let socket = store.socket(connection_id).await?;
            // A handshake writes the user's presence before the socket's row, so `seen_ms` stands in for a missing row.
            let connected_ms = socket.as_ref().map_or(presence.seen_ms, |socket| socket.connected_ms);
            if self.chat.clock.now().as_millisecond() - connected_ms < MAX_HANDSHAKE_MS {
                continue;
            }
            self.limiter.wait().await;
            if Instant::now() >= until {
                return Ok(());
            }
            // A failed call says nothing about the socket. The next run asks again.
            match (self.management_api.is_open(connection_id).await, if_open) {
                (Ok(false), _) => {
                    let is_staff = socket.is_some_and(|socket| socket.caller.reads_as_staff());
                    store.forget_socket(session.id, counting, &presence.user_id, connection_id, is_staff).await?;
                    self.chat.meter.add(Metric::DeadSockets, 1);
                }
                (Ok(true), IfOpen::Close) => {
                    let closed = self.management_api.close(connection_id).await;
                    tracing::info!(connection.id = connection_id, ?closed, "a socket outlived its session");
                }
                (Ok(true), IfOpen::Keep) | (Err(_), _) => {}
            }
        }
        Ok(())
    }

    /// Corrects the number of viewers if a crash left it wrong.
    async fn recount_viewers(&self, session: &Session) -> Result<(), ChatError> {
        let now = self.chat.clock.now();
        let Some(head) = self.chat.store.head(session.id, now).await? else { return Ok(()) };
        let counted = self.chat.store.viewers(session.id).await?.len() as u64;
        if session.is_open_at(now) {
            self.chat.meter.sample(Metric::Viewers, counted);
        }
        if counted != head.viewer_count && self.chat.store.correct_viewers(session, head.viewer_count, counted).await? {
            tracing::info!(
                session.id = session.id,
                viewers.counted = counted,
                viewers.stored = head.viewer_count,
                "viewers were recounted"
            );
        }
        Ok(())
    }
}
