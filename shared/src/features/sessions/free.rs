//! Whether a room has time for a session: the sessions of hosts do not overlap, and the schedule takes its windows of the main room.

use jiff::{SignedDuration, Timestamp};

use crate::domain::error::ChatError;
use crate::domain::schedule::Window;
use crate::domain::session::bookings::{Booking, Bookings, MAX_BOOKINGS};
use crate::domain::session::room::RoomName;
use crate::features::chat::Chat;
use crate::features::sessions::store_windows::WindowState;

/// Windows of the schedule that are looked at: those that were opened lie in the past, or are today's.
const MAX_WINDOWS: usize = 10;
/// Times of sessions are whole milliseconds.
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

impl Chat {
    /// Demands that a room with these bookings has no other session from a start to an end. `session_id` is that of the session that asks,
    /// if it exists already.
    ///
    /// # Errors
    /// [`ChatError::Conflict`] that names what takes the time; [`ChatError::Unavailable`].
    pub(crate) async fn must_be_free(
        &self,
        room: &RoomName,
        (start, end): (Timestamp, Option<Timestamp>),
        session_id: Option<u64>,
        bookings: &Bookings,
    ) -> Result<(), ChatError> {
        let end_ms = end.map(Timestamp::as_millisecond);
        // Ids count from 1.
        let asked = Booking { id: session_id.unwrap_or(0), start_ms: start.as_millisecond(), end_ms };
        if let Some(other) = bookings.conflict_with(&asked) {
            return Err(ChatError::Conflict(format!("The room {} has session {other} in that time", room.as_str())));
        }
        if session_id.is_none() && bookings.ahead_at(self.clock.now()) >= MAX_BOOKINGS {
            return Err(ChatError::Conflict(format!(
                "The room {} has {MAX_BOOKINGS} sessions to come, which is the most",
                room.as_str()
            )));
        }
        if !room.is_main() {
            return Ok(());
        }
        match self.window_in_the_way((start, end), session_id).await? {
            None => Ok(()),
            Some(window) => Err(ChatError::Conflict(format!(
                "The schedule (LIVE_CHAT_SCHEDULE) has a session of the room {} in that time: {}",
                room.as_str(),
                window.name
            ))),
        }
    }

    /// The first window of the schedule within a time that takes it. The session's own does not, nor one that is over by the start.
    async fn window_in_the_way(
        &self,
        (start, end): (Timestamp, Option<Timestamp>),
        session_id: Option<u64>,
    ) -> Result<Option<Window>, ChatError> {
        let sessions = &self.config.sessions;
        // What begins when a window ends is not within it, and what ends when one begins neither.
        let (mut from, before) = (start.checked_add(MOMENT).unwrap_or(start), end.map(|end| end - MOMENT));
        let mut windows = 0;
        while let Some(window) = sessions.schedule.first_window_within(from, before, &sessions.zone) {
            let is_free = match self.store.state_of_window(&window).await? {
                WindowState::Opened(opened) => {
                    Some(opened.id) == session_id || opened.end.is_some_and(|end| end <= start)
                }
                WindowState::Expired => true,
                WindowState::NotYet => false,
            };
            windows += 1;
            if !is_free || windows == MAX_WINDOWS {
                return Ok(Some(window));
            }
            let Some(next) = window.end.and_then(|end| end.checked_add(MOMENT).ok()) else { return Ok(None) };
            from = next;
        }
        Ok(None)
    }
}
