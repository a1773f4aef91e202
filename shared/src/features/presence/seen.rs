//! Notes that users are seen: by their requests and frames, at the cost of at most one write a minute for each user.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::session::{Head, Session};
use crate::domain::time::SKEW_MS;
use crate::features::chat::Chat;

impl Chat {
    /// Reads a session's head for a user. If the session is open, the user is seen by that, unless the user is no viewer.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if the session is gone, [`ChatError::Unavailable`].
    pub async fn head_for_viewer(&self, session: &Session, viewer: &Caller) -> Result<Head, ChatError> {
        let now = self.clock.now();
        if viewer.is_uncounted || !session.is_open_at(now) {
            return self.head(session).await;
        }
        let (presence, mut head) = tokio::try_join!(
            async { Ok(self.store.presence(session.id, &viewer.user_id).await?) },
            self.head(session)
        )?;
        // A time in the future was noted before a clock jumped back, so it does not count.
        let lately = -SKEW_MS..self.seen_interval_ms();
        let was_seen_lately =
            presence.is_some_and(|presence| lately.contains(&(now.as_millisecond() - presence.seen_ms)));
        if !was_seen_lately && self.store.touch_viewer(session, &viewer.user_id, now).await? {
            // The head was read before this viewer counted.
            head.viewer_count += 1;
        }
        Ok(head)
    }

    /// A session's head.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if the session is gone, [`ChatError::Unavailable`].
    pub async fn head(&self, session: &Session) -> Result<Head, ChatError> {
        let head = self.store.head(session.id, self.clock.now()).await?;
        head.ok_or_else(|| ChatError::NotFound("There is no such session".to_owned()))
    }

    /// Notes that a viewer sent a frame. The cache needs no check: a user with an open socket stays a viewer for the interval.
    pub(crate) async fn touch_viewer_by_frame(&self, session_id: u64, viewer: &Caller) -> Result<(), ChatError> {
        if viewer.is_uncounted {
            return Ok(());
        }
        let (user_id, now) = (viewer.user_id.as_str(), self.clock.now());
        if self.seen.is_fresh(session_id, user_id, now.as_millisecond(), self.seen_interval_ms()) {
            return Ok(());
        }
        self.store.touch_viewer_by_frame(session_id, user_id, now).await?;
        self.seen.note(session_id, user_id, now.as_millisecond(), self.seen_interval_ms());
        Ok(())
    }

    /// The shortest time between two writes for a user: a minute, or a third of the timeout if that is less.
    fn seen_interval_ms(&self) -> i64 {
        (self.config.limits.viewer_timeout.as_millis() as i64 / 3).min(60_000)
    }
}
