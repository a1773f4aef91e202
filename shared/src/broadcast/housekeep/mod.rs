//! What must happen without anybody asking, each minute: sessions end, silent viewers go, quiet rooms stay open, and whatever a
//! crash left is found and rung for.
//!
//! A session's duties do not depend on each other: one that fails, or has more to do than fits into a minute, keeps none of the
//! others waiting. What clients notice soon comes first, questions about silent sockets last.

mod viewers;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use crate::broadcast::cursor::{Cursor, Ring};
use crate::domain::broadcast::missed_wakeups::{missed_since, not_ahead};
use crate::domain::error::ChatError;
use crate::domain::session::{Head, Session};
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::sockets::store::{Slice, Subscriber};
use crate::platform::posting::rate_limiter::RateLimiter;
use crate::platform::posting::{Payload, Sockets};
use crate::platform::token::has_expired;

/// Sessions that are looked at: today's and, should nobody have kept house for a while, some before it.
const SESSIONS: i32 = 5;
/// How many sockets are asked about or closed at once.
const AT_ONCE: usize = 20;
/// Housekeeping takes this part of the posts a second that the broadcast may make: the room goes first.
const SHARE_OF_POSTS: u32 = 10;
/// A number that nobody stored for this long is settled.
const SENDER_TIMEOUT: Duration = Duration::from_secs(5);
/// A room that heard nothing for this long hears the number of viewers again. With a minute between two runs, no socket is
/// silent for more than 8 minutes (CONTRACT); API Gateway and CloudFront cut it after 10.
const QUIET_MS: i64 = 7 * 60_000;

/// A duty by its name, and how it ended.
type Duty = (&'static str, Result<(), ChatError>);

/// Keeps house.
pub struct Housekeep {
    chat: Arc<Chat>,
    sockets: Sockets,
    pace: RateLimiter,
}

impl Housekeep {
    /// Keeps house for this chat, with its sockets' door.
    pub fn new(chat: Arc<Chat>, sockets: Sockets) -> Housekeep {
        let pace = RateLimiter::new(chat.config.posts_per_second.map(|posts| (posts / SHARE_OF_POSTS).max(1)));
        Housekeep { chat, sockets, pace }
    }

    /// Looks after the newest sessions, and begins nothing that can wait for the next minute after `until`. One session's trouble
    /// does not keep the others waiting.
    ///
    /// # Errors
    /// The last [`ChatError::Unavailable`], after everything was tried.
    pub async fn run(&self, until: Instant) -> Result<(), ChatError> {
        let mut outcome = Ok(());
        for session in self.chat.store.newest_sessions(SESSIONS).await? {
            for (duty, done) in self.tend(&session, until).await {
                let Err(error) = done else { continue };
                let cause = error.source().map(ToString::to_string);
                tracing::error!(session.id = session.id, duty, error = %error, cause, "housekeeping was left undone");
                outcome = Err(error);
            }
        }
        outcome
    }

    /// A session's duties, and how each ended.
    async fn tend(&self, session: &Session, until: Instant) -> Vec<Duty> {
        let (cursor, head) = match self.look_at(session).await {
            Ok(Some(found)) => found,
            Ok(None) => return Vec::new(),
            Err(error) => return vec![("reading the session", Err(error))],
        };
        if cursor.finished {
            return vec![
                ("sweeping up after the end", self.sweep_up(session, &head, until).await),
                ("letting the cursor expire", self.let_cursor_expire(session, &cursor).await),
            ];
        }
        let now = self.chat.clock.now();
        if now < session.start {
            // Only a clock that is wrong has not got there: ending the session would be for good.
            return Vec::new();
        }
        if !session.is_open_at(now) {
            return vec![("ending the session", self.end(session, &head).await)];
        }
        let (places, not_read) = match self.chat.store.subscribers(session.id, Slice::ALL).await {
            Ok(places) => (places, Ok(())),
            Err(error) => (Vec::new(), Err(error.into())),
        };
        let (rung, forgotten, of_viewers) = tokio::join!(
            self.ring_for_what_waits(session, &head, &cursor, &places),
            self.chat.store.forget_old_minutes(session.id, self.chat.clock.now()),
            async {
                self.close_expired(&places, until).await;
                self.look_after_viewers(session, until).await
            },
        );
        let mut duties = vec![
            ("reading the room", not_read),
            ("ringing for what waits", rung),
            ("forgetting old minutes", forgotten.map_err(ChatError::from)),
        ];
        duties.extend(of_viewers);
        duties
    }

    async fn look_at(&self, session: &Session) -> Result<Option<(Cursor, Head)>, ChatError> {
        let cursor = self.chat.store.cursor(session.id).await?;
        let head = self.chat.store.head(session.id, self.chat.clock.now()).await?;
        Ok(head.map(|head| (cursor, head)))
    }

    async fn end(&self, session: &Session, head: &Head) -> Result<(), ChatError> {
        if head.ended {
            self.ring(session, Ring { ended: true, ..Ring::default() }).await
        } else {
            Ok(self.chat.store.mark_as_ended(session.id).await?)
        }
    }

    /// The cursor outlives its session by nothing, and is kept while anybody can read the session.
    async fn let_cursor_expire(&self, session: &Session, cursor: &Cursor) -> Result<(), ChatError> {
        match session.expires_at {
            Some(at) if cursor.expires_at != Some(at) => Ok(self.chat.store.let_cursor_expire(session.id, at).await?),
            _ => Ok(()),
        }
    }

    /// Rings for sockets that are behind, for a quiet room, and for numbers that the cursor has not reached.
    async fn ring_for_what_waits(
        &self,
        session: &Session,
        head: &Head,
        cursor: &Cursor,
        places: &[Subscriber],
    ) -> Result<(), ChatError> {
        let now_ms = self.chat.clock.now().as_millisecond();
        let repeat_viewers = !places.is_empty() && now_ms - not_ahead(cursor.heard_ms, now_ms) >= QUIET_MS;
        let behind = places.iter().any(|place| place.behind.is_some());
        let recheck = !places.is_empty() && self.may_have_missed_something(session, head, cursor, now_ms).await?;
        if repeat_viewers || behind || recheck {
            self.ring(session, Ring { repeat_viewers, behind, recheck, ..Ring::default() }).await?;
        }
        if cursor.seq >= head.seq {
            return self.open_window_if_left_closed(session, head).await;
        }
        tokio::time::sleep(SENDER_TIMEOUT).await;
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

    /// Whether the room was told other counters than there are, or not of a changed message: the bell may have been lost, or be
    /// under way. The broadcast looks again before it tells anything.
    async fn may_have_missed_something(
        &self,
        session: &Session,
        head: &Head,
        cursor: &Cursor,
        now_ms: i64,
    ) -> Result<bool, ChatError> {
        if (head.total_likes, head.viewer_count) != (cursor.likes_told, cursor.viewers_told) {
            return Ok(true);
        }
        match missed_since(cursor.turn_ms, cursor.changes_told_ms, now_ms) {
            Some(since) => Ok(!self.chat.store.changed_after(session.id, since).await?.is_empty()),
            None => Ok(false),
        }
    }

    /// Nothing waits, so a window that is used up is one that a crashed broadcast left.
    async fn open_window_if_left_closed(&self, session: &Session, head: &Head) -> Result<(), ChatError> {
        if head.is_full {
            self.chat.store.admit_up_to(session.id, None).await?;
        }
        Ok(())
    }

    /// Closes sockets whose token has expired, and tells them why.
    async fn close_expired(&self, places: &[Subscriber], until: Instant) {
        let now = self.chat.clock.now();
        let frame = Payload::new(ServerFrame::error(&ChatError::TokenExpired, None).to_json());
        let expired = places.iter().filter(|place| has_expired(place.token_expires_at, now));
        futures_util::stream::iter(expired)
            .for_each_concurrent(AT_ONCE, |place| {
                let frame = &frame;
                async move {
                    if Instant::now() >= until {
                        return;
                    }
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
        Ok(self.chat.store.wake(session.id, ring, self.chat.clock.now()).await?)
    }
}
