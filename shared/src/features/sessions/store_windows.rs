//! Windows of the schedule: exactly one session for each.

use super::store::OpenedSession;
use super::store_opening::Opening;
use crate::domain::moderation::modes::ModesChange;
use crate::domain::schedule::Window;
use crate::domain::session::Session;
use crate::domain::session::limits::OwnLimits;
use crate::domain::session::room::RoomName;
use crate::platform::dynamo::calls::{Consistency, TransactionOutcome, item_of};
use crate::platform::dynamo::{Store, StoreError, keys};

/// What became of a window of the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// No call has opened its session yet.
    NotYet,
    /// Its session, which a host may have ended since.
    Opened(Session),
    /// Its session is over, and has expired.
    Expired,
}

impl Store {
    /// The session of a window. The first call opens it; `None` once it is over, and its rows have expired.
    pub async fn session_of_window(&self, window: &Window) -> Result<Option<Session>, StoreError> {
        loop {
            match self.state_of_window(window).await? {
                WindowState::Opened(session) => return Ok(Some(session)),
                WindowState::Expired => return Ok(None),
                WindowState::NotYet => {}
            }
            if let Some(session) = self.try_to_open(window).await? {
                return Ok(Some(session));
            }
        }
    }

    /// What became of a window.
    pub async fn state_of_window(&self, window: &Window) -> Result<WindowState, StoreError> {
        let opened: Option<OpenedSession> =
            self.get(&self.chat, &keys::window(&window.key), Consistency::Strong).await?;
        let Some(opened) = opened else { return Ok(WindowState::NotYet) };
        // Both rows came in one transaction. A host may have changed the session since.
        let row: Option<OpenedSession> = self.get(&self.chat, &keys::session(opened.id), Consistency::Strong).await?;
        Ok(row.map_or(WindowState::Expired, |row| WindowState::Opened(row.into())))
    }

    /// Opens a session for a window under the next id; `None` if another call took the window or the id, or another list of terms came, meanwhile.
    async fn try_to_open(&self, window: &Window) -> Result<Option<Session>, StoreError> {
        let opening = Opening {
            room: RoomName::main(),
            name: window.name.clone(),
            start: window.start,
            end: window.end,
            modes: ModesChange::default(),
            tags: Vec::new(),
            limits: OwnLimits::default(),
        };
        let (opened, mut actions) = self.open(opening).await?;
        actions.push(self.put_new(&self.chat, item_of(&keys::window(&window.key), &opened))?);
        match self.transact(actions).await? {
            TransactionOutcome::Done => Ok(Some(opened.into())),
            TransactionOutcome::Refused(_) => Ok(None),
        }
    }
}
