//! Finds the session that a request addresses.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::session::Session;
use crate::features::chat::Chat;

/// Adds the session to all further log lines of the invocation.
pub(crate) fn record_session(session_id: u64) {
    tracing::Span::current().record("session.id", session_id);
}

impl Chat {
    /// The session that is open now. The first request of a window opens it.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`] if no session is open or the chat is disabled.
    pub async fn current_session(&self) -> Result<Session, ChatError> {
        if !self.config.sessions.enabled {
            return Err(ChatError::ChatNotActive("Live chat is disabled".to_owned()));
        }
        let now = self.clock.now();
        if let Some(session) = self.known.current().filter(|session| session.is_open_at(now)) {
            return Ok(session);
        }
        let window = self
            .config
            .sessions
            .schedule
            .window_at(now, &self.config.sessions.zone)
            .ok_or_else(ChatError::no_open_session)?;
        let session = self.store.session_of_window(&window, now).await?;
        // The stored bounds stay in force even if the settings have changed since.
        if !session.is_open_at(self.clock.now()) {
            return Err(ChatError::no_open_session());
        }
        self.known.note_current(&session);
        Ok(session)
    }

    /// The session that a request addresses: the current one, or that with the id `session_id`, which may have ended.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`], [`ChatError::NotFound`], or [`ChatError::InvalidRequest`] for an id that is not a number.
    pub(super) async fn addressed_session(&self, session_id: Option<&str>) -> Result<Session, ChatError> {
        let current = self.current_session().await;
        if let Ok(session) = &current {
            record_session(session.id);
        }
        let Some(text) = session_id else { return current };
        let id = text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let id = id.ok_or_else(|| ChatError::InvalidRequest("session_id is a whole number".to_owned()))?;
        record_session(id);
        match current {
            Ok(session) if session.id == id => Ok(session),
            Err(error) if !self.config.sessions.enabled => Err(error),
            _ => self.session_with_id(id).await,
        }
    }

    /// The addressed session, which a caller reads.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`], [`ChatError::NotFound`], [`ChatError::InvalidRequest`] for an id that is not a number, or
    /// [`ChatError::Forbidden`] if the token is limited to other sessions (docs/contract.md, Who may do what).
    pub async fn session_to_read(&self, session_id: Option<&str>, caller: &Caller) -> Result<Session, ChatError> {
        let session = self.addressed_session(session_id).await?;
        caller.require_session(&session)?;
        Ok(session)
    }

    /// The addressed session, which a caller changes. It must be open.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_read`], and [`ChatError::ChatNotActive`] for a session that has ended.
    pub async fn session_to_write(&self, session_id: Option<&str>, caller: &Caller) -> Result<Session, ChatError> {
        let session = self.session_to_read(session_id, caller).await?;
        if session.is_open_at(self.clock.now()) { Ok(session) } else { Err(ChatError::session_over()) }
    }

    /// The session with this id, open or not.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if there is no such session.
    pub async fn session_with_id(&self, id: u64) -> Result<Session, ChatError> {
        if let Some(session) = self.known.with_id(id) {
            return Ok(session);
        }
        let now = self.clock.now();
        let found = self.store.session(id, now).await?;
        let session = found.ok_or_else(|| ChatError::NotFound("There is no such session".to_owned()))?;
        if session.is_open_at(now) {
            self.known.note_addressed(&session);
        }
        Ok(session)
    }
}
