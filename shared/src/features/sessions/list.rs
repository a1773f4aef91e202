//! Reading sessions with what was set for them: `GET /live-chat/sessions` and `GET /live-chat/sessions/{session_id}`.

use serde::Serialize;

use crate::domain::budget::Budget;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::page::parse_limit;
use crate::domain::session::details::{DetailedSession, DetailsView};
use crate::domain::session::room::RoomName;
use crate::domain::session::{MAX_SESSION_ID, State};
use crate::features::chat::Chat;

/// At most so many sessions are in a page.
const MAX_SESSIONS: usize = 100;
/// Sessions are looked at in lots of so many,
const LOT: u64 = 25;
/// and at most so many for one page, however few of them were asked for.
const MAX_EXAMINED: u64 = 100;

/// Which sessions a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListRequest<'a> {
    /// `room`.
    pub room: Option<&'a str>,
    /// `state`.
    pub state: Option<&'a str>,
    /// `before`.
    pub before: Option<&'a str>,
    /// `limit`.
    pub limit: Option<&'a str>,
}

/// The response of `GET /live-chat/sessions`.
#[derive(Debug, Serialize)]
pub struct SessionsResponse {
    sessions: Vec<DetailsView>,
    /// `before` of the next page; `None` if this is the last one.
    next_before: Option<u64>,
}

/// The response with one session.
#[derive(Debug, Serialize)]
pub struct SessionResponse {
    session: DetailsView,
}

impl Chat {
    /// A page of sessions, newest first. Those that the token does not reach are left out.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for a parameter, [`ChatError::RateLimited`] if the reader has asked for too many pages in this
    /// minute, [`ChatError::Unavailable`].
    pub async fn sessions(&self, reader: &Caller, request: ListRequest<'_>) -> Result<SessionsResponse, ChatError> {
        let limit = parse_limit(request.limit, MAX_SESSIONS)?;
        self.spend(Budget::Pages, reader).await?;
        let room = request.room.map(RoomName::parse).transpose()?;
        let state = request.state.map(parse_state).transpose()?;
        let mut before = match request.before {
            Some(before) => parse_id(before)?,
            None => MAX_SESSION_ID,
        };
        before = before.min(self.store.newest_session_id().await?.saturating_add(1));
        let (now, mut found, mut examined) = (self.clock.now(), Vec::new(), 0);
        let is_asked_for = |detailed: &DetailedSession| {
            let session = &detailed.session;
            let is_in_room = room.as_ref().is_none_or(|room| *room == session.room);
            is_in_room
                && state.is_none_or(|state| state == session.state_at(now))
                && reader.require_session(session).is_ok()
        };
        while before > 1 && examined < MAX_EXAMINED && found.len() < limit {
            let from = before.saturating_sub(LOT).max(1);
            let lot = self.store.detailed_sessions((from..before).rev(), now).await?;
            examined += before - from;
            before = from;
            for session in lot.into_iter().filter(is_asked_for) {
                if found.len() == limit {
                    // What does not fit comes with the next page.
                    before = session.session.id + 1;
                    break;
                }
                found.push(session);
            }
        }
        let sessions = found.into_iter().map(|session| session.view(&self.config, now)).collect();
        Ok(SessionsResponse { sessions, next_before: (before > 1).then_some(before) })
    }

    /// One session.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Forbidden`] if the token is limited to other sessions, [`ChatError::Unavailable`].
    pub async fn session(&self, reader: &Caller, id: u64) -> Result<SessionResponse, ChatError> {
        let now = self.clock.now();
        let session = self.store.detailed_session(id, now).await?.ok_or_else(no_such_session)?;
        reader.require_session(&session.session)?;
        Ok(SessionResponse { session: session.view(&self.config, now) })
    }
}

/// The id in a path.
///
/// # Errors
/// [`ChatError::NotFound`] for what is no id: there is no such session.
pub fn parse_session_id(text: &str) -> Result<u64, ChatError> {
    parse_id(text).map_err(|_| no_such_session())
}

fn parse_id(text: &str) -> Result<u64, ChatError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id| is_number && (1..=MAX_SESSION_ID).contains(id));
    id.ok_or_else(|| ChatError::InvalidRequest("before is the id of a session".to_owned()))
}

fn parse_state(text: &str) -> Result<State, ChatError> {
    match text {
        "scheduled" => Ok(State::Scheduled),
        "open" => Ok(State::Open),
        "ended" => Ok(State::Ended),
        _ => Err(ChatError::InvalidRequest("state must be one of scheduled, open, ended".to_owned())),
    }
}

fn no_such_session() -> ChatError {
    ChatError::NotFound("There is no such session".to_owned())
}
