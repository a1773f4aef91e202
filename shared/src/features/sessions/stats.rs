//! Status, viewers and stats. Each costs one query of the session's head and at most one point read. The first status of a warm function
//! reads the domains of the list of terms, too, if there is one, and so does the first one after each new list. While messages are pinned,
//! a status reads them; and the polls of the room with their votes, once there was one.

use jiff::Timestamp;

use crate::domain::caller::Caller;
use crate::domain::draw::state::Draws;
use crate::domain::error::ChatError;
use crate::domain::pins::Pins;
use crate::domain::poll::state::Polls;
use crate::domain::reactions::state::ReactionsState;
use crate::domain::session::room::RoomName;
use crate::domain::session::{Hosted, SessionView, Told};
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::sessions::api::{StatsResponse, StatusResponse, ViewersResponse};
use crate::features::sessions::resolve::Addressed;

impl Chat {
    /// The status of the chat. That no session is open, that the chat is disabled, or that the token is limited to other sessions, is
    /// not an error here.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] and [`ChatError::InvalidRequest`] for a `session_id`, [`ChatError::Unavailable`].
    pub async fn status(&self, addressed: Addressed<'_>, viewer: &Caller) -> Result<StatusResponse, ChatError> {
        let nothing = |enabled, next_start_time, message| StatusResponse {
            enabled,
            is_active: false,
            session: None,
            next_start_time,
            message,
            standing: None,
            capabilities: None,
        };
        let session = match self.addressed_session(addressed).await {
            Err(ChatError::ChatNotActive(_)) if !self.config.sessions.enabled => {
                return Ok(nothing(false, None, Some("Live chat is disabled")));
            }
            Err(ChatError::ChatNotActive(_)) => {
                let next = self.next_start_of(&addressed.room()?).await?;
                let next = next.map(|next| time::to_the_second(next, &self.config.sessions.zone));
                return Ok(nothing(true, Some(next), None));
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
        let polls = Polls::of(&head).unwrap_or_default();
        let draws = Draws::of(&head).unwrap_or_default();
        let told = Told {
            clickable_links,
            max_message_length: head.session.limits.max_message_length(self.config.limits.max_message_length),
            pins_version: pins.version,
            pins: Box::pin(self.store.pins_view(&pins, now, zone)).await?,
            hosted: Hosted {
                polls_version: polls.version,
                polls: Box::pin(self.shown_polls(session.id, &polls, viewer)).await?,
                draw_version: draws.version,
                draw: self.shown_draw(session.id, draws).await?,
            },
            reactions: ReactionsState::of(&head).unwrap_or_default().totals_of(&self.config.sessions.reactions),
        };
        Ok(StatusResponse {
            enabled: true,
            is_active: head.session.is_open_at(now),
            session: Some(SessionView::of(&head, told, now, zone)),
            next_start_time: None,
            message: None,
            standing: None,
            capabilities: None,
        })
    }

    /// The start of the next session of a room that has none now, as far as one is known.
    async fn next_start_of(&self, room: &RoomName) -> Result<Option<Timestamp>, ChatError> {
        let (sessions, now) = (&self.config.sessions, self.clock.now());
        let scheduled = sessions.schedule.next_start(now, &sessions.zone).filter(|_| room.is_main());
        let booked = self.store.bookings(room).await?.next_start_ms(now).map(time::from_millis);
        Ok(scheduled.into_iter().chain(booked).min())
    }

    /// The number of viewers.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_read`].
    pub async fn viewers(&self, addressed: Addressed<'_>, viewer: &Caller) -> Result<ViewersResponse, ChatError> {
        let session = self.session_to_read(addressed, viewer).await?;
        let head = self.head_for_viewer(&session, viewer).await?;
        let (viewer_count, session) = (head.viewer_count, head.session);
        Ok(ViewersResponse { viewer_count, session_id: session.id, session_name: session.name })
    }

    /// All counters.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_read`].
    pub async fn stats(&self, addressed: Addressed<'_>, viewer: &Caller) -> Result<StatsResponse, ChatError> {
        let session = self.session_to_read(addressed, viewer).await?;
        let head = self.head_for_viewer(&session, viewer).await?;
        let session = head.session;
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
