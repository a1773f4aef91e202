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

use crate::broadcast::cursor::Cursor;
use crate::broadcast::topic::Topic;
use crate::broadcast::wake_up::WakeUp;
use crate::domain::broadcast::lifecycle::Lifecycle;
use crate::domain::broadcast::missed_wakeups::{missed_since, zero_if_ahead};
use crate::domain::error::ChatError;
use crate::domain::session::{Head, Session};
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::sockets::store::{Slice, Subscriber};
use crate::platform::posting::rate_limiter::RateLimiter;
use crate::platform::posting::{ManagementApi, Payload};
use crate::platform::token::has_expired;

/// Sessions that are looked at: today's and, should nobody have kept house for a while, some before it.
const SESSIONS: i32 = 5;
/// How many sockets are asked about or closed at once.
const CONCURRENT_CALLS: usize = 20;
/// Housekeeping takes this part of the posts a second that the broadcast may make: the room goes first.
const SHARE_OF_POSTS: u32 = 10;
/// A number that nobody stored for this long is settled.
const SENDER_TIMEOUT: Duration = Duration::from_secs(5);
/// A room that heard nothing for this long hears the number of viewers again. With a minute between two runs, no socket is
/// silent for more than 8 minutes (docs/contract.md, Broadcast); API Gateway and CloudFront cut it after 10.
const QUIET_MS: i64 = 7 * 60_000;

/// A duty by its name, and how it ended.
type Duty = (&'static str, Result<(), ChatError>);

/// Keeps house.
pub struct Housekeeping {
    chat: Arc<Chat>,
    management_api: ManagementApi,
    limiter: RateLimiter,
}

impl Housekeeping {
    /// Keeps house for this chat, with its sockets' door.
    pub fn new(chat: Arc<Chat>, management_api: ManagementApi) -> Housekeeping {
        let limiter = RateLimiter::new(chat.config.posts_per_second.map(|posts| (posts / SHARE_OF_POSTS).max(1)));
        Housekeeping { chat, management_api, limiter }
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
        match Lifecycle::of(&head, cursor.ending(), self.chat.clock.now()) {
            Lifecycle::Open => self.tend_open(session, &head, &cursor, until).await,
            // Ending a session because of a wrong clock would be for good.
            Lifecycle::Scheduled => Vec::new(),
            Lifecycle::Over => {
                let marked = self.chat.store.mark_as_ended(session.id).await;
                vec![("ending the session", marked.map_err(ChatError::from))]
            }
            Lifecycle::Ended => {
                let wake_up = WakeUp { ended: true, ..WakeUp::default() };
                vec![("ending the session", self.wake(session, wake_up).await)]
            }
            Lifecycle::Finished => vec![
                ("cleaning up after the end", self.clean_up(session, &head, until).await),
                ("letting the cursor expire", self.let_cursor_expire(session, &cursor).await),
            ],
        }
    }

    /// The duties of an open session.
    async fn tend_open(&self, session: &Session, head: &Head, cursor: &Cursor, until: Instant) -> Vec<Duty> {
        let (subscribers, not_read) = match self.chat.store.subscribers(session.id, Slice::ALL).await {
            Ok(subscribers) => (subscribers, Ok(())),
            Err(error) => (Vec::new(), Err(error.into())),
        };
        let (woken, forgotten, of_viewers) = tokio::join!(
            self.wake_for_what_waits(session, head, cursor, &subscribers),
            self.chat.store.forget_old_minutes(session.id, self.chat.clock.now()),
            async {
                self.close_expired(&subscribers, until).await;
                self.look_after_viewers(session, until).await
            },
        );
        let mut duties = vec![
            ("reading the room", not_read),
            ("waking the broadcast", woken),
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

    /// The cursor outlives its session by nothing, and is kept while anybody can read the session.
    async fn let_cursor_expire(&self, session: &Session, cursor: &Cursor) -> Result<(), ChatError> {
        match session.expires_at {
            Some(at) if cursor.expires_at != Some(at) => Ok(self.chat.store.let_cursor_expire(session.id, at).await?),
            _ => Ok(()),
        }
    }

    /// Wakes the broadcast for lagging sockets, for a quiet room, and for numbers that the cursor has not reached.
    async fn wake_for_what_waits(
        &self,
        session: &Session,
        head: &Head,
        cursor: &Cursor,
        subscribers: &[Subscriber],
    ) -> Result<(), ChatError> {
        let now_ms = self.chat.clock.now().as_millisecond();
        let mut wake_up = WakeUp::default();
        if !subscribers.is_empty() {
            let is_quiet = now_ms - zero_if_ahead(cursor.heard_ms, now_ms) >= QUIET_MS;
            wake_up.topics.extend(is_quiet.then_some(Topic::Viewers));
            wake_up.lagging = subscribers.iter().any(|subscriber| subscriber.behind.is_some());
            wake_up.reconcile = self.may_have_missed_something(session, head, cursor, now_ms).await?;
        }
        if wake_up != WakeUp::default() {
            self.wake(session, wake_up).await?;
        }
        if cursor.seq >= head.seq {
            return self.open_window_if_left_closed(session, head).await;
        }
        tokio::time::sleep(SENDER_TIMEOUT).await;
        // First the cursor, then the head: a broadcast moves its window before its cursor.
        let settled = self.chat.store.cursor(session.id).await?.seq;
        if settled < head.seq {
            return self.wake(session, WakeUp { settle_up_to: head.seq, ..WakeUp::default() }).await;
        }
        match self.chat.store.head(session.id, self.chat.clock.now()).await? {
            Some(head) if settled >= head.seq => self.open_window_if_left_closed(session, &head).await,
            _ => Ok(()),
        }
    }

    /// Whether the room heard other states than there are, or did not hear of a changed message: the wake-up may have been lost, or be
    /// under way. The broadcast compares again before it sends anything.
    async fn may_have_missed_something(
        &self,
        session: &Session,
        head: &Head,
        cursor: &Cursor,
        now_ms: i64,
    ) -> Result<bool, ChatError> {
        if cursor.flushed.outdated(head).next().is_some() {
            return Ok(true);
        }
        match missed_since(cursor.reconciled.turn_ms, cursor.reconciled.changes_told_ms, now_ms) {
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
    async fn close_expired(&self, subscribers: &[Subscriber], until: Instant) {
        let now = self.chat.clock.now();
        let frame = Payload::new(ServerFrame::error(&ChatError::TokenExpired, None).to_json());
        let expired = subscribers.iter().filter(|subscriber| has_expired(subscriber.token_expires_at, now));
        futures_util::stream::iter(expired)
            .for_each_concurrent(CONCURRENT_CALLS, |subscriber| {
                let frame = &frame;
                async move {
                    if Instant::now() >= until {
                        return;
                    }
                    self.limiter.wait().await;
                    // Whether it hears why or not: it is closed, and if that fails, the next run closes it.
                    let told = self.management_api.post(&subscriber.connection_id, frame).await;
                    let closed = self.management_api.close(&subscriber.connection_id).await;
                    tracing::info!(connection.id = subscriber.connection_id, ?told, ?closed, "a token has expired");
                }
            })
            .await;
    }

    async fn wake(&self, session: &Session, wake_up: WakeUp) -> Result<(), ChatError> {
        Ok(self.chat.store.wake(session.id, wake_up, self.chat.clock.now()).await?)
    }
}
