//! What must happen without anybody asking, each minute: sessions end, silent viewers go, quiet rooms stay open, and whatever a
//! crash left is found and rung for.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use super::Chat;
use super::pace::Pace;
use crate::adapters::sockets::{Payload, Sockets};
use crate::adapters::store::cursor::{Cursor, Ring};
use crate::adapters::store::presence::Presence;
use crate::adapters::store::room::{Place, Slice};
use crate::adapters::token::has_expired;
use crate::rules::emf::Metric;
use crate::rules::error::ChatError;
use crate::rules::event::ServerFrame;
use crate::rules::session::{Head, Session};

/// Sessions that are looked at: today's and, should nobody have kept house for a while, some before it.
const SESSIONS: i32 = 5;
/// How many sockets are asked about or closed at once.
const AT_ONCE: usize = 20;
/// Housekeeping takes this part of the posts a second that the broadcast may make: the room goes first.
const SHARE_OF_POSTS: u32 = 10;
/// A socket this young may still be in its handshake, so 410 does not mean that it is gone.
const LONGEST_HANDSHAKE_MS: i64 = 30_000;
/// A number that nobody stored for this long is settled.
const PATIENCE_WITH_SENDER: Duration = Duration::from_secs(5);
/// A room that heard nothing for this long hears the number of viewers again. With a minute between two runs, no socket is
/// silent for more than 8 minutes (CONTRACT); API Gateway and CloudFront cut it after 10.
const QUIET_MS: i64 = 7 * 60_000;

/// Keeps house.
pub struct Housekeep {
    chat: Arc<Chat>,
    sockets: Sockets,
    pace: Pace,
}

impl Housekeep {
    /// Keeps house for this chat, with its sockets' door.
    pub fn new(chat: Arc<Chat>, sockets: Sockets) -> Housekeep {
        let pace = Pace::new(chat.config.posts_per_second.map(|posts| (posts / SHARE_OF_POSTS).max(1)));
        Housekeep { chat, sockets, pace }
    }

    /// Looks after the newest sessions. One session's trouble does not keep the others waiting.
    ///
    /// # Errors
    /// The last session's [`ChatError::Unavailable`], after all were looked at.
    pub async fn run(&self) -> Result<(), ChatError> {
        let mut outcome = Ok(());
        for session in self.chat.store.newest_sessions(SESSIONS).await? {
            if let Err(error) = self.tend(&session).await {
                tracing::error!(session.id = session.id, error = %error, "a session could not be looked after");
                outcome = Err(error);
            }
        }
        outcome
    }

    async fn tend(&self, session: &Session) -> Result<(), ChatError> {
        let chat = &self.chat;
        let (cursor, now) = (chat.store.cursor(session.id).await?, chat.clock.now());
        let Some(head) = chat.store.head(session.id, now).await?.filter(|_| !cursor.finished) else { return Ok(()) };
        if !session.is_open_at(now) {
            return if head.ended {
                self.ring(session, Ring::default()).await
            } else {
                Ok(chat.store.mark_as_ended(session.id).await?)
            };
        }
        chat.store.forget_old_minutes(session.id, now).await?;
        self.end_silent_viewers(session).await?;
        self.recount_viewers(session).await?;
        let places = chat.store.places(session.id, Slice::ALL).await?;
        self.close_expired(&places).await;
        self.ring_for_what_waits(session, &head, &cursor, &places).await
    }

    /// Rings for sockets that are behind, for a quiet room, and for numbers that the cursor has not reached.
    async fn ring_for_what_waits(
        &self,
        session: &Session,
        head: &Head,
        cursor: &Cursor,
        places: &[Place],
    ) -> Result<(), ChatError> {
        let now_ms = self.chat.clock.now().as_millisecond();
        let repeat_viewers = !places.is_empty() && now_ms - cursor.heard_ms >= QUIET_MS;
        let behind = places.iter().any(|place| place.behind.is_some());
        if repeat_viewers || behind {
            self.ring(session, Ring { settle_up_to: 0, repeat_viewers, behind }).await?;
        }
        if cursor.seq >= head.seq {
            return self.open_window_if_left_closed(session, head).await;
        }
        tokio::time::sleep(PATIENCE_WITH_SENDER).await;
        // First the cursor, then the head: a broadcast moves its window before its cursor.
        let told = self.chat.store.cursor(session.id).await?.seq;
        if told < head.seq {
            return self.ring(session, Ring { settle_up_to: head.seq, ..Ring::default() }).await;
        }
        match self.chat.store.head(session.id, self.chat.clock.now()).await? {
            Some(head) if told >= head.seq => self.open_window_if_left_closed(session, &head).await,
            _ => Ok(()),
        }
    }

    /// Nothing waits, so a window that is used up is one that a crashed broadcast left.
    async fn open_window_if_left_closed(&self, session: &Session, head: &Head) -> Result<(), ChatError> {
        if head.is_full {
            self.chat.store.admit_up_to(session.id, None).await?;
        }
        Ok(())
    }

    /// Ends the time of viewers who were not seen within the timeout, unless API Gateway says that a socket of theirs is open.
    async fn end_silent_viewers(&self, session: &Session) -> Result<(), ChatError> {
        let timeout_ms = self.chat.config.viewer_timeout.as_millis() as i64;
        let now_ms = self.chat.clock.now().as_millisecond();
        let mut silent = self.chat.store.audience(session.id).await?;
        silent.retain(|presence| now_ms - presence.seen_ms > timeout_ms);
        let mut checks = futures_util::stream::iter(silent)
            .map(|presence| self.check(session, presence, now_ms))
            .buffer_unordered(AT_ONCE);
        while let Some(checked) = checks.next().await {
            checked?;
        }
        Ok(())
    }

    async fn check(&self, session: &Session, presence: Presence, now_ms: i64) -> Result<(), ChatError> {
        let store = &self.chat.store;
        if presence.sockets.is_empty() {
            return Ok(store.forget_viewer(session.id, &presence).await.map(drop)?);
        }
        for connection_id in &presence.sockets {
            let socket = store.socket(connection_id).await?;
            let may_be_in_handshake = socket.is_some_and(|socket| now_ms - socket.connected_ms < LONGEST_HANDSHAKE_MS);
            if may_be_in_handshake {
                continue;
            }
            self.pace.wait().await;
            // A door that does not answer says nothing about the socket: the next run asks again.
            if self.sockets.is_open(connection_id).await == Ok(false) {
                store.leave(session.id, &presence.user_id, connection_id).await?;
                store.remove_socket(session.id, connection_id).await?;
                self.chat.meter.add(Metric::DeadSockets, 1);
            }
        }
        Ok(())
    }

    /// Sets the number of viewers right if a crash left it wrong.
    async fn recount_viewers(&self, session: &Session) -> Result<(), ChatError> {
        let Some(head) = self.chat.store.head(session.id, self.chat.clock.now()).await? else { return Ok(()) };
        let counted = self.chat.store.audience(session.id).await?.len() as u64;
        self.chat.meter.sample(Metric::Viewers, counted);
        if counted != head.viewer_count
            && self.chat.store.correct_viewers(session.id, head.viewer_count, counted).await?
        {
            tracing::info!(
                session.id = session.id,
                viewers.counted = counted,
                viewers.told = head.viewer_count,
                "viewers were recounted"
            );
        }
        Ok(())
    }

    /// Closes sockets whose token has expired, and tells them why.
    async fn close_expired(&self, places: &[Place]) {
        let now = self.chat.clock.now();
        let frame = Payload::new(ServerFrame::error(&ChatError::TokenExpired, None).to_json());
        let expired = places.iter().filter(|place| has_expired(place.token_expires_at, now));
        futures_util::stream::iter(expired)
            .for_each_concurrent(AT_ONCE, |place| {
                let frame = &frame;
                async move {
                    self.pace.wait().await;
                    // Whether it hears why or not: it is closed, and if that fails, the next run closes it.
                    let told = self.sockets.post(&place.connection_id, frame).await;
                    let closed = self.sockets.close(&place.connection_id).await;
                    tracing::info!(connection.id = place.connection_id, ?told, ?closed, "a token has expired");
                }
            })
            .await;
    }

    async fn ring(&self, session: &Session, ring: Ring) -> Result<(), ChatError> {
        Ok(self.chat.store.ring(session.id, ring, self.chat.clock.now()).await?)
    }
}
