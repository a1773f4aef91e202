//! Housekeeping, each minute: ends sessions, removes silent viewers, keeps quiet rooms open, and wakes the broadcast for work that a
//! crash left.
//!
//! A session's duties do not depend on each other: if one fails, or does not fit into a minute, the others still run. Duties that
//! clients notice soon come first, and checks of silent sockets last.

mod managed;
mod viewers;

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use crate::broadcast::cursor::Cursor;
use crate::broadcast::housekeeping::managed::Care;
use crate::broadcast::topic::Topic;
use crate::broadcast::wake_up::WakeUp;
use crate::domain::broadcast::lifecycle::Lifecycle;
use crate::domain::broadcast::missed_wakeups::{missed_since, zero_if_ahead};
use crate::domain::error::ChatError;
use crate::domain::poll::state::Polls;
use crate::domain::session::{Head, Session};
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::sockets::store_subscribers::{Slice, Subscriber};
use crate::platform::dynamo::calls::Consistency;
use crate::platform::posting::rate_limiter::RateLimiter;
use crate::platform::posting::{ManagementApi, Payload};
use crate::platform::token::has_expired;

/// Sessions of the schedule that are looked after: today's, and some earlier ones in case housekeeping did not run for a while.
const MAX_SCHEDULED: i32 = 5;
/// So long a run may take for acts that were left unfinished.
const MAX_FINISHING: Duration = Duration::from_secs(20);
/// Sessions that are looked after at once.
const CONCURRENT_SESSIONS: usize = 8;
/// Sockets that are checked or closed at once.
const CONCURRENT_CALLS: usize = 20;
/// Housekeeping may make one in this many of the broadcast's posts a second, because the room has priority.
const POSTS_DIVISOR: u32 = 10;
/// A number that is not stored after this long is settled.
const SENDER_TIMEOUT: Duration = Duration::from_secs(5);
/// A room without a flush for this long receives the number of viewers again. With a minute between two runs, no socket is silent for
/// more than 8 minutes (docs/contract.md, Broadcast). API Gateway and CloudFront close it after 10.
const QUIET_MS: i64 = 7 * 60_000;

/// A duty by its name, and its outcome.
type Duty = (&'static str, Result<(), ChatError>);

/// The housekeeping of all sessions.
pub struct Housekeeping {
    chat: Arc<Chat>,
    management_api: ManagementApi,
    limiter: RateLimiter,
}

impl Housekeeping {
    /// The housekeeping of this chat.
    pub fn new(chat: Arc<Chat>, management_api: ManagementApi) -> Housekeeping {
        let calls_per_second = chat.config.sockets.posts_per_second.map(|posts| (posts / POSTS_DIVISOR).max(1));
        let limiter = RateLimiter::new(calls_per_second, management_api.pace());
        Housekeeping { chat, management_api, limiter }
    }

    /// Looks after all sessions that may need it. After `until`, it begins nothing that can wait for the next minute. A session that fails does
    /// not stop the others.
    ///
    /// # Errors
    /// The last [`ChatError::Unavailable`], after all duties were tried.
    pub async fn run(&self, until: Instant) -> Result<(), ChatError> {
        // A long one goes on in the next minute: its steps may be repeated. What rooms wait for comes in time.
        let finishing = tokio::time::timeout(MAX_FINISHING, self.chat.finish_abandoned_acts());
        let late = |_| Err(ChatError::unavailable("acts of moderation take too long to finish"));
        let mut outcome = finishing.await.unwrap_or_else(late);
        if let Err(error) = &outcome {
            tracing::error!(error = %error, cause = error.source().map(ToString::to_string), "acts of moderation were left unfinished");
        }
        if let Err(error) = self.chat.remove_replaced_terms().await {
            tracing::error!(error = %error, cause = error.source().map(ToString::to_string), "old lists of terms were left");
            outcome = Err(error);
        }
        let mut sessions = futures_util::stream::iter(self.due_sessions().await?)
            .map(|session_id| async move { (session_id, self.run_duties(session_id, until).await) })
            .buffer_unordered(CONCURRENT_SESSIONS);
        while let Some((session_id, duties)) = sessions.next().await {
            for (duty, result) in duties {
                let Err(error) = result else { continue };
                let cause = error.source().map(ToString::to_string);
                tracing::error!(session.id = session_id, duty, error = %error, cause, "housekeeping was left undone");
                outcome = Err(error);
            }
        }
        // Boxed, for all steps together would be too large for the stack of a debug build.
        if let Err(error) = Box::pin(self.chat.go_on_erasing(until)).await {
            tracing::error!(error = %error, cause = error.source().map(ToString::to_string), "erasures were left undone");
            outcome = Err(error);
        }
        outcome
    }

    /// The sessions that this minute looks after: the newest ones of the schedule, and those of hosts.
    async fn due_sessions(&self) -> Result<BTreeSet<u64>, ChatError> {
        let (store, now) = (&self.chat.store, self.chat.clock.now());
        let mut due: BTreeSet<u64> =
            store.newest_sessions(MAX_SCHEDULED).await?.iter().map(|session| session.id).collect();
        for session in store.managed_sessions().await? {
            match managed::care_at(session.id, session.end_ms, now) {
                Care::Now => drop(due.insert(session.id)),
                Care::Later => {}
                Care::NoMore => {
                    // The next minute tries again. Nothing else waits for it.
                    if let Err(error) = store.unlist_session(session.id).await {
                        tracing::error!(session.id = session.id, error = %error, "a session stays in the list");
                    }
                }
            }
        }
        Ok(due)
    }

    /// Runs the duties of a session.
    async fn run_duties(&self, session_id: u64, until: Instant) -> Vec<Duty> {
        let (cursor, head) = match self.read_cursor_and_head(session_id).await {
            Ok(Some(found)) => found,
            Ok(None) => return Vec::new(),
            Err(error) => return vec![("reading the session", Err(error))],
        };
        let session = &head.session;
        match Lifecycle::of(&head, cursor.ending(), self.chat.clock.now()) {
            Lifecycle::Open => self.run_duties_of_open(session, &head, &cursor, until).await,
            // Nobody is there yet; of a session that was open, only a wrong clock says so.
            Lifecycle::Scheduled => Vec::new(),
            Lifecycle::Over => {
                vec![("ending the session", self.end(session, until).await)]
            }
            Lifecycle::Ended => {
                let wake_up = WakeUp { ended: true, ..WakeUp::default() };
                vec![
                    ("denying what is held", self.chat.end_holds(session, until).await),
                    ("ending polls", self.end_due_polls(&head).await),
                    ("ending the session", self.wake(session, wake_up).await),
                ]
            }
            Lifecycle::Finished => vec![
                ("denying what is held", self.chat.deny_late_holds(session, until).await),
                ("ending polls", self.end_due_polls(&head).await),
                ("removing covered texts", self.remove_covered_texts(session, until).await),
                ("cleaning up after the end", self.clean_up(session, &head, until).await),
                ("letting the cursor expire", self.let_cursor_expire(session, &cursor).await),
            ],
        }
    }

    /// Ends a session whose window has closed. Its authors hear that nobody decided on what waits, and everybody hears the results of polls,
    /// before the end is told.
    async fn end(&self, session: &Session, until: Instant) -> Result<(), ChatError> {
        // A crash may have left a later end that was acknowledged.
        self.chat.store.enforce_session_settings(session.id).await?;
        if self.chat.read_session(session.id).await?.is_open_at(self.chat.clock.now()) {
            return Ok(());
        }
        self.chat.end_holds(session, until).await?;
        self.chat.end_polls(session.id).await?;
        Ok(self.chat.store.mark_as_ended(session.id).await?)
    }

    /// Runs the duties of an open session.
    async fn run_duties_of_open(&self, session: &Session, head: &Head, cursor: &Cursor, until: Instant) -> Vec<Duty> {
        let (subscribers, not_read) = match self.chat.store.subscribers(session.id, Slice::ALL).await {
            Ok(subscribers) => (subscribers, Ok(())),
            Err(error) => (Vec::new(), Err(error.into())),
        };
        let ended = self.end_due_polls(head).await;
        let (expired, woken, forgotten, viewer_duties) = tokio::join!(
            self.chat.expire_holds(session, until),
            self.wake_if_needed(session, head, cursor, &subscribers),
            self.chat.store.forget_old_minutes(session.id, self.chat.clock.now()),
            async {
                self.close_expired(&subscribers, until).await;
                self.run_viewer_duties(session, until).await
            },
        );
        let mut duties = vec![
            ("ending polls", ended),
            ("denying what is held too long", expired),
            ("removing covered texts", self.remove_covered_texts(session, until).await),
            ("ending the shield", self.chat.end_shield(session, &head.modes).await),
            ("reading the room", not_read),
            ("waking the broadcast", woken),
            ("forgetting old minutes", forgotten.map_err(ChatError::from)),
        ];
        duties.extend(viewer_duties);
        duties
    }

    /// Ends polls whose time is over.
    async fn end_due_polls(&self, head: &Head) -> Result<(), ChatError> {
        let polls = Polls::of(head).unwrap_or_default();
        self.chat.end_due_polls(head.session.id, &polls, self.chat.clock.now()).await
    }

    /// Removes texts of purges and clears that cannot be taken back any more, in as many lots as the time allows.
    async fn remove_covered_texts(&self, session: &Session, until: Instant) -> Result<(), ChatError> {
        while Instant::now() < until {
            if !self.chat.store.remove_covered_texts(session.id, self.chat.clock.now()).await? {
                break;
            }
        }
        Ok(())
    }

    async fn read_cursor_and_head(&self, session_id: u64) -> Result<Option<(Cursor, Head)>, ChatError> {
        let cursor = self.chat.store.cursor(session_id).await?;
        let head = self.chat.store.head(session_id, self.chat.clock.now()).await?;
        Ok(head.map(|head| (cursor, head)))
    }

    /// Lets the cursor expire together with its session.
    async fn let_cursor_expire(&self, session: &Session, cursor: &Cursor) -> Result<(), ChatError> {
        match session.expires_at {
            Some(at) if cursor.expires_at != Some(at) => Ok(self.chat.store.let_cursor_expire(session.id, at).await?),
            _ => Ok(()),
        }
    }

    /// Wakes the broadcast for lagging sockets, for a quiet room, for missed changes, for a full outbox, and for numbers that the cursor has not reached.
    async fn wake_if_needed(
        &self,
        session: &Session,
        head: &Head,
        cursor: &Cursor,
        subscribers: &[Subscriber],
    ) -> Result<(), ChatError> {
        let now_ms = self.chat.clock.now().as_millisecond();
        let mut wake_up = WakeUp { outbox: self.chat.store.has_outbox(session.id).await?, ..WakeUp::default() };
        if !subscribers.is_empty() {
            let is_quiet = now_ms - zero_if_ahead(cursor.last_flush_ms, now_ms) >= QUIET_MS;
            wake_up.topics.extend(is_quiet.then_some(Topic::Viewers));
            wake_up.lagging = subscribers.iter().any(|subscriber| subscriber.is_lagging());
            wake_up.reconcile = self.may_have_missed_changes(session, head, cursor, now_ms).await?;
            // `flush-later` may have been lost.
            wake_up.topics.extend(&cursor.deferred);
        }
        // Also without sockets: `status` tells what the last flush has told.
        let is_anybody_here = !subscribers.is_empty() || head.viewer_count > 0;
        if is_anybody_here && self.chat.has_untold_reactions(head, Consistency::Eventual).await? {
            wake_up.topics.insert(Topic::Reactions);
        }
        if wake_up != WakeUp::default() {
            self.wake(session, wake_up).await?;
        }
        if cursor.seq >= head.seq {
            return self.lift_stale_limit(session, head).await;
        }
        tokio::time::sleep(SENDER_TIMEOUT).await;
        // The cursor is read before the head, because the broadcast moves the limit of senders before its cursor.
        let settled = self.chat.store.cursor(session.id).await?.seq;
        if settled < head.seq {
            return self.wake(session, WakeUp { settle_up_to: head.seq, ..WakeUp::default() }).await;
        }
        match self.chat.store.head(session.id, self.chat.clock.now()).await? {
            Some(head) if settled >= head.seq => self.lift_stale_limit(session, &head).await,
            _ => Ok(()),
        }
    }

    /// Whether a flushed state is outdated, or a change of a message was not flushed: its wake-up may have been lost, or be under way.
    /// The broadcast compares again before it sends anything.
    async fn may_have_missed_changes(
        &self,
        session: &Session,
        head: &Head,
        cursor: &Cursor,
        now_ms: i64,
    ) -> Result<bool, ChatError> {
        if cursor.flushed.outdated(head).next().is_some() {
            return Ok(true);
        }
        match missed_since(cursor.reconciled.turn_ms, cursor.reconciled.changes_flushed_ms, now_ms) {
            // No head has the votes. A poll that is told again does no harm.
            Some(_) if Polls::of(head).is_some_and(|polls| !polls.open.is_empty()) => Ok(true),
            Some(since) => Ok(!self.chat.store.changed_after(session.id, since).await?.is_empty()),
            None => Ok(false),
        }
    }

    /// Lifts the limit of senders if it is reached although nothing waits: a broadcast that crashed left it.
    async fn lift_stale_limit(&self, session: &Session, head: &Head) -> Result<(), ChatError> {
        if head.is_full {
            self.chat.store.admit_up_to(session.id, None).await?;
        }
        Ok(())
    }

    /// Closes sockets whose token has expired, after an `error` frame with the reason.
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
                    // It is closed even if the frame does not arrive. If closing fails, the next run closes it.
                    let notified = self.management_api.post(&subscriber.connection_id, frame).await;
                    let closed = self.management_api.close(&subscriber.connection_id).await;
                    tracing::info!(connection.id = subscriber.connection_id, ?notified, ?closed, "a token has expired");
                }
            })
            .await;
    }

    async fn wake(&self, session: &Session, wake_up: WakeUp) -> Result<(), ChatError> {
        Ok(self.chat.store.wake(session.id, wake_up, self.chat.clock.now()).await?)
    }
}
