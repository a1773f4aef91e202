//! Status, viewers and stats. Each costs one query of the session's head and at most one point read. The first status of a warm function
//! reads the domains of the list of terms, too, if there is one, and so does the first one after each new list. While messages are pinned,
//! a status reads them.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::pins::Pins;
use crate::domain::session::SessionView;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::sessions::api::{StatsResponse, StatusResponse, ViewersResponse};

impl Chat {
    /// The status of the chat. That no session is open, that the chat is disabled, or that the token is limited to other sessions, is
    /// not an error here.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] and [`ChatError::InvalidRequest`] for a `session_id`, [`ChatError::Unavailable`].
    pub async fn status(&self, session_id: Option<&str>, viewer: &Caller) -> Result<StatusResponse, ChatError> {
        let nothing = |enabled, next_start_time, message| StatusResponse {
            enabled,
            is_active: false,
            session: None,
            next_start_time,
            message,
            standing: None,
            capabilities: None,
        };
        let session = match self.addressed_session(session_id).await {
            Err(ChatError::ChatNotActive(_)) if !self.config.sessions.enabled => {
                return Ok(nothing(false, None, Some("Live chat is disabled")));
            }
            Err(ChatError::ChatNotActive(_)) => {
                let (zone, now) = (&self.config.sessions.zone, self.clock.now());
                let next = self.config.sessions.schedule.next_start(now, zone);
                return Ok(nothing(true, Some(next.map(|next| time::to_the_second(next, zone))), None));
            }
            session => session?,
        };
        if viewer.require_session(&session).is_err() {
            return Ok(nothing(true, None, Some("The token is limited to other sessions")));
        }
        let head = self.head_for_viewer(&session, viewer).await?;
        let clickable_links = self.clickable_links_if_known(head.terms_version).await;
        let (now, zone) = (self.clock.now(), &self.config.sessions.zone);
        let pins = Pins::of(&head).unwrap_or_default();
        let pins = (self.store.pins_view(&pins, now, zone).await?, pins.version);
        Ok(StatusResponse {
            enabled: true,
            is_active: session.is_open_at(now),
            session: Some(SessionView::of(&head, clickable_links, pins, now, zone)),
            next_start_time: None,
            message: None,
            standing: None,
            capabilities: None,
        })
    }

    /// The number of viewers.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_read`].
    pub async fn viewers(&self, session_id: Option<&str>, viewer: &Caller) -> Result<ViewersResponse, ChatError> {
        let session = self.session_to_read(session_id, viewer).await?;
        let head = self.head_for_viewer(&session, viewer).await?;
        Ok(ViewersResponse { viewer_count: head.viewer_count, session_id: session.id, session_name: session.name })
    }

    /// All counters.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_read`].
    pub async fn stats(&self, session_id: Option<&str>, viewer: &Caller) -> Result<StatsResponse, ChatError> {
        let session = self.session_to_read(session_id, viewer).await?;
        let head = self.head_for_viewer(&session, viewer).await?;
        Ok(StatsResponse {
            session_id: session.id,
            viewer_count: head.viewer_count,
            total_likes: head.total_likes,
            total_messages: head.total_messages,
            recent_messages: head.recent_messages,
            is_active: session.is_open_at(self.clock.now()),
            start_time: session.start_time(&self.config.sessions.zone),
            end_time: session.end_time(&self.config.sessions.zone),
            session_name: session.name,
        })
    }
}
