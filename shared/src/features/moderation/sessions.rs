//! Creating, changing and ending sessions: acts of those who manage the chat (docs/contract.md, Sessions and rooms).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use super::act::named_actor;
use super::plan::{Order, Plan};
use super::store_unfinished::Steps;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::entry::Entry;
use crate::domain::moderation::fields::Fields;
use crate::domain::moderation::modes::{ModesChange, ShieldedModes};
use crate::domain::moderation::request::{Act, ActionRequest};
use crate::domain::session::Session;
use crate::domain::session::bookings::Booking;
use crate::domain::session::request::{NewSession, SessionChange};
use crate::domain::session::settings::SessionSettings;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::sessions::list::SessionResponse;
use crate::features::sessions::store_opening::Opening;
use crate::features::standing::check::Deed;

/// Tries of an act while others create or change sessions of the room at the same time.
const MAX_TRIES: usize = 20;
/// Messages that wait for a decision when their session is ended are denied for so long; `housekeep` denies the rest.
const TIME_TO_DENY: Duration = Duration::from_secs(5);

impl Chat {
    /// Creates a session, which opens at once or later.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] that names the field; [`ChatError::Conflict`] if the room has another session in that time;
    /// [`ChatError::Forbidden`] for a sanctioned actor, or for a token that is limited to other rooms; [`ChatError::Unavailable`].
    pub async fn create_session(&self, actor: &Caller, body: &[u8]) -> Result<SessionResponse, ChatError> {
        let fields = Fields::parse(body)?;
        let asked = NewSession::parse(&fields, self.config.limits.max_message_length)?;
        let request = ActionRequest::with(Act::CreateSession, &fields)?;
        actor.require_room(&asked.room)?;
        let order = self.order_of(actor, &request, None).await?;
        if let Some(answered) = self.answered_before(&order).await? {
            return Ok(answered);
        }
        for _ in 0..MAX_TRIES {
            let now = self.clock.now();
            let opening = asked.opening_at(now)?;
            let bookings = self.store.bookings(&opening.room).await?;
            if let Err(refusal) = self.must_be_free(&opening.room, (opening.start, opening.end), None, &bookings).await
            {
                // What takes the time may be the session of the same call, which came twice.
                return self.answered_before(&order).await?.ok_or(refusal);
            }
            let (session, rows) = self.store.create_session(opening, &bookings, now).await?;
            let mut plan = order.plan(None, now);
            plan.entry.session_id = Some(session.id);
            plan.entry.changes = Some(json!({ "room": session.room, "name": session.name }));
            plan.rows = rows;
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.session_of(actor, &entry).await;
            }
        }
        Err(ChatError::unavailable("others keep creating sessions"))
    }

    /// Changes a session that has not ended.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`] for a session that has ended; [`ChatError::NotFound`]; [`ChatError::Conflict`] if it would reach into
    /// another session of its room; and those of [`Chat::create_session`].
    pub async fn update_session(&self, actor: &Caller, id: u64, body: &[u8]) -> Result<SessionResponse, ChatError> {
        let fields = Fields::parse(body)?;
        let change = SessionChange::parse(&fields, self.config.limits.max_message_length)?;
        let request = ActionRequest::with(Act::UpdateSession, &fields)?;
        let (session, order) = self.session_to_manage(actor, &request, id).await?;
        if let Some(answered) = self.answered_before(&order).await? {
            return Ok(answered);
        }
        for _ in 0..MAX_TRIES {
            let now = self.clock.now();
            let before = self.settings_of_unended(&session, now).await?;
            let next = change.applied_to(&before);
            if change.moves_end() && next.end_ms.is_some_and(|end_ms| end_ms <= now.as_millisecond()) {
                return Err(end_is_past());
            }
            let mut plan = order.plan(None, now);
            plan.entry.changes = Some(change.logged(&next));
            self.plan_settings(&mut plan, &session, next, now).await?;
            if let Some(modes) = change.modes {
                self.plan_modes(&mut plan, &session, modes).await?;
            }
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.session_of(actor, &entry).await;
            }
        }
        Err(ChatError::unavailable("others keep changing this session"))
    }

    /// Ends a session before its time, or cancels one that has not begun. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Forbidden`], [`ChatError::InvalidRequest`], [`ChatError::Unavailable`].
    pub async fn end_session(&self, actor: &Caller, id: u64, body: &[u8]) -> Result<SessionResponse, ChatError> {
        let fields = Fields::parse(body)?;
        let request = ActionRequest::with(Act::EndSession, &fields)?;
        let (session, order) = self.session_to_manage(actor, &request, id).await?;
        if let Some(answered) = self.answered_before(&order).await? {
            return Ok(answered);
        }
        for _ in 0..MAX_TRIES {
            let now = self.clock.now();
            let before = match self.settings_of_unended(&session, now).await {
                Err(ChatError::ChatNotActive(_)) => {
                    // Another end may have been cut short after it was stored: what is answered here is in force.
                    self.store.enforce_session_settings(id).await?;
                    self.end_early(id).await?;
                    return self.session(actor, id).await;
                }
                before => before?,
            };
            let mut plan = order.plan(None, now);
            self.plan_settings(&mut plan, &session, before.ended_at(now), now).await?;
            plan.steps.end_session = true;
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.session_of(actor, &entry).await;
            }
        }
        Err(ChatError::unavailable("others keep changing this session"))
    }

    /// The last steps of an early end: authors hear that nobody decided on what waits, and everybody hears the results of polls, before the
    /// end is told.
    pub(super) async fn end_early(&self, session_id: u64) -> Result<(), ChatError> {
        let session = self.read_session(session_id).await?;
        self.end_holds(&session, Instant::now() + TIME_TO_DENY).await?;
        self.end_polls(session_id).await?;
        Ok(self.store.mark_as_ended(session_id).await?)
    }

    /// The session of an act, which the actor's token must reach, and the order.
    async fn session_to_manage<'a>(
        &self,
        actor: &'a Caller,
        request: &'a ActionRequest,
        id: u64,
    ) -> Result<(Session, Order<'a>), ChatError> {
        let session = self.read_session(id).await?;
        actor.require_session(&session)?;
        Ok((session, self.order_of(actor, request, Some(id)).await?))
    }

    /// The answer to an act that was asked for under the same key before.
    async fn answered_before(&self, order: &Order<'_>) -> Result<Option<SessionResponse>, ChatError> {
        match self.earlier_act(order, "").await? {
            Some(earlier) => self.session_of(order.actor, &earlier).await.map(Some),
            None => Ok(None),
        }
    }

    /// The order of an act that has a route of its own, by an actor whose standing allows it.
    pub(super) async fn order_of<'a>(
        &self,
        actor: &'a Caller,
        request: &'a ActionRequest,
        session_id: Option<u64>,
    ) -> Result<Order<'a>, ChatError> {
        self.check_standing(session_id, actor, Deed::Moderate).await?;
        let (actor_id, actor_name) = named_actor(actor, request)?;
        let pseudonym = self.store.pseudonym_of(actor_id, actor_name).await?;
        Ok(Order { actor, request, session_id, pseudonym })
    }

    /// The settings of a session as they were changed last. It must not have ended.
    async fn settings_of_unended(&self, session: &Session, now: Timestamp) -> Result<SessionSettings, ChatError> {
        let settings = self.store.session_settings(session.id).await?;
        let settings = settings.ok_or_else(|| ChatError::NotFound("There is no such session".to_owned()))?;
        let has_ended = settings.end_ms.is_some_and(|end_ms| end_ms < now.as_millisecond());
        if has_ended { Err(ChatError::session_over()) } else { Ok(settings) }
    }

    /// Lets a plan change the settings of a session, and the time that its room is taken.
    async fn plan_settings(
        &self,
        plan: &mut Plan,
        session: &Session,
        mut next: SessionSettings,
        now: Timestamp,
    ) -> Result<(), ChatError> {
        let end = next.end_ms.map(time::from_millis);
        let ends_now = end.is_some_and(|end| end < now);
        next.expires_at = end.and_then(|end| self.store.expires_after(end, next.limits));
        if end != session.end && !ends_now && end.is_some_and(|end| end <= session.start) {
            return Err(ChatError::InvalidRequest("end_time must lie after start_time".to_owned()));
        }
        let bookings = self.store.bookings(&session.room).await?;
        if bookings.sessions.iter().any(|booking| booking.id == session.id) || end != session.end {
            let booking = Booking { end_ms: next.end_ms, ..Booking::of(session) };
            let after = match ends_now {
                true => bookings.without(session.id, now),
                false => {
                    self.must_be_free(&session.room, (session.start, end), Some(session.id), &bookings).await?;
                    bookings.with(booking, now)
                }
            };
            plan.rows.push(self.store.replace_bookings(&session.room, &bookings, &after)?);
        }
        plan.rows.push(self.store.replace_session_settings(session.id, &next)?);
        plan.steps = Steps { session_id: Some(session.id), enforce_settings: true, ..Steps::default() };
        Ok(())
    }

    async fn plan_modes(&self, plan: &mut Plan, session: &Session, change: ModesChange) -> Result<(), ChatError> {
        let before = self.store.set_modes_of(session.id).await?;
        let next = ShieldedModes { modes: change.applied_to(before.modes.modes), ..before.modes };
        plan.set_modes(session.id, next, self.store.replace_modes(session, before.version, next)?);
        Ok(())
    }

    async fn session_of(&self, actor: &Caller, entry: &Entry) -> Result<SessionResponse, ChatError> {
        let id = entry.session_id.ok_or_else(|| ChatError::unavailable("the entry of a session names none"))?;
        self.session(actor, id).await
    }
}

fn end_is_past() -> ChatError {
    ChatError::InvalidRequest("end_time must lie in the future".to_owned())
}

impl NewSession {
    /// The session as it opens if it is created at a time.
    fn opening_at(&self, now: Timestamp) -> Result<Opening, ChatError> {
        // Clients and tables count in milliseconds.
        let start = self.start.unwrap_or_else(|| time::from_millis(now.as_millisecond()));
        if self.end.is_some_and(|end| end <= start) {
            return Err(ChatError::InvalidRequest("end_time must lie after start_time".to_owned()));
        }
        if self.end.is_some_and(|end| end <= now) {
            return Err(end_is_past());
        }
        Ok(Opening {
            room: self.room.clone(),
            name: self.name.clone(),
            start,
            end: self.end,
            modes: self.modes,
            tags: self.tags.clone(),
            limits: self.limits,
        })
    }
}
