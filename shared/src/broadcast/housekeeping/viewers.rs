//! Viewers who left without a word: API Gateway tells the end of a socket at best once, and who only polls tells nothing at all.

use futures_util::StreamExt;
use tokio::time::Instant;

use crate::broadcast::housekeeping::{CONCURRENT_CALLS, Duty, Housekeeping};
use crate::domain::error::ChatError;
use crate::domain::session::{Head, Session};
use crate::domain::time::SKEW_MS;
use crate::features::presence::store::{MAX_SOCKETS_PER_USER, Presence};
use crate::platform::metrics::emf::Metric;
use crate::platform::posting::MAX_HANDSHAKE_MS;

/// Who has so many sockets is asked about before being silent: dead ones would take the places of those that the user may open.
const CROWD: usize = MAX_SOCKETS_PER_USER / 2;

/// What becomes of a socket that is found to be open.
#[derive(Clone, Copy)]
enum FoundOpen {
    Stays,
    IsClosed,
}

impl Housekeeping {
    /// Ends the time of viewers who were not seen within the timeout, unless API Gateway says that a socket of theirs is open, and
    /// sets their number right. Whom the time does not suffice for is asked about in one of the next minutes.
    pub(crate) async fn look_after_viewers(&self, session: &Session, until: Instant) -> Vec<Duty> {
        let viewers = match self.chat.store.viewers(session.id).await {
            Ok(viewers) => viewers,
            Err(error) => return vec![("reading the viewers", Err(error.into()))],
        };
        let timeout_ms = self.chat.config.viewer_timeout.as_millis() as i64;
        let now_ms = self.chat.clock.now().as_millisecond();
        // Who was seen in the future was seen before the clock jumped back: nobody knows when.
        let is_silent = |presence: &Presence| !(-SKEW_MS..=timeout_ms).contains(&(now_ms - presence.seen_ms));
        let (without_socket, with_sockets): (Vec<_>, Vec<_>) =
            viewers.into_iter().partition(|presence| presence.sockets.is_empty());
        let (crowds, mut silent): (Vec<_>, Vec<_>) = with_sockets
            .into_iter()
            .filter(|presence| is_silent(presence) || presence.sockets.len() >= CROWD)
            .partition(|presence| presence.sockets.len() >= CROWD);
        if !silent.is_empty() {
            // Where there are too many for one minute, each has the same chance, whoever came first.
            let first = rand::random_range(0..silent.len());
            silent.rotate_left(first);
        }
        let gone = self.check_all(session, without_socket.into_iter().filter(is_silent), FoundOpen::Stays, until).await;
        let recounted = self.recount_viewers(session).await;
        let asked = self.check_all(session, crowds.into_iter().chain(silent), FoundOpen::Stays, until).await;
        vec![
            ("forgetting viewers without a socket", gone),
            ("recounting viewers", recounted),
            ("asking about silent sockets", asked),
        ]
    }

    /// A session is over, its sockets were closed: who is still noted as a viewer left without a word, or came in at the last moment.
    pub(crate) async fn clean_up(&self, session: &Session, head: &Head, until: Instant) -> Result<(), ChatError> {
        let viewers = self.chat.store.viewers(session.id).await?;
        if viewers.is_empty() && head.viewer_count == 0 {
            return Ok(());
        }
        let checked = self.check_all(session, viewers.into_iter(), FoundOpen::IsClosed, until).await;
        self.recount_viewers(session).await.and(checked)
    }

    /// Checks viewers until the time is up. Answers with the last failure, after all the others were checked.
    async fn check_all(
        &self,
        session: &Session,
        viewers: impl Iterator<Item = Presence>,
        found_open: FoundOpen,
        until: Instant,
    ) -> Result<(), ChatError> {
        let in_time = viewers.take_while(|_| Instant::now() < until);
        let mut checks = futures_util::stream::iter(in_time)
            .map(|presence| self.check(session, presence, found_open, until))
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
        presence: Presence,
        found_open: FoundOpen,
        until: Instant,
    ) -> Result<(), ChatError> {
        let store = &self.chat.store;
        if presence.sockets.is_empty() {
            return Ok(store.forget_viewer(session.id, &presence).await.map(drop)?);
        }
        for connection_id in &presence.sockets {
            let socket = store.socket(connection_id).await?;
            // A socket is noted with its user first, who is seen by that, and then gets its own row.
            let connected_ms = socket.as_ref().map_or(presence.seen_ms, |socket| socket.connected_ms);
            if self.chat.clock.now().as_millisecond() - connected_ms < MAX_HANDSHAKE_MS {
                continue;
            }
            self.limiter.wait().await;
            if Instant::now() >= until {
                return Ok(());
            }
            // A door that does not answer says nothing about the socket: the next run asks again.
            match (self.management_api.is_open(connection_id).await, found_open) {
                (Ok(false), _) => {
                    store.remove_socket(session.id, &presence.user_id, connection_id).await?;
                    if socket.is_some_and(|socket| socket.caller.is_staff()) {
                        store.delete_staff_socket(session.id, connection_id).await?;
                    }
                    store.delete_socket(session.id, connection_id).await?;
                    self.chat.meter.add(Metric::DeadSockets, 1);
                }
                (Ok(true), FoundOpen::IsClosed) => {
                    let closed = self.management_api.close(connection_id).await;
                    tracing::info!(connection.id = connection_id, ?closed, "a socket outlived its session");
                }
                (Ok(true), FoundOpen::Stays) | (Err(_), _) => {}
            }
        }
        Ok(())
    }

    /// Sets the number of viewers right if a crash left it wrong.
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
                viewers.told = head.viewer_count,
                "viewers were recounted"
            );
        }
        Ok(())
    }
}
