//! Finds the session that a request addresses.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::schedule::Schedule;
use crate::domain::session::Session;
use crate::domain::session::room::RoomName;
use crate::features::chat::Chat;

/// The session or the room that a request names; without either, it is about the main room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addressed<'a> {
    /// The query's `session_id`.
    pub session_id: Option<&'a str>,
    /// The query's `room`.
    pub room: Option<&'a str>,
}

impl<'a> Addressed<'a> {
    /// A session by its id.
    pub fn by_id(session_id: &'a str) -> Addressed<'a> {
        Addressed { session_id: Some(session_id), room: None }
    }

    /// Whether it names something.
    pub fn is_named(&self) -> bool {
        self.session_id.is_some() || self.room.is_some()
    }

    /// The room whose current session is meant.
    pub(super) fn room(&self) -> Result<RoomName, ChatError> {
        self.room.map_or_else(|| Ok(RoomName::main()), RoomName::parse)
    }
}

/// Adds the session to all further log lines of the invocation.
pub(crate) fn record_session(session_id: u64) {
    tracing::Span::current().record("session.id", session_id);
}

impl Chat {
    /// The session of the main room that is open now. The first request of a window opens it.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`] if no session is open or the chat is disabled.
    pub async fn current_session(&self) -> Result<Session, ChatError> {
        self.current_session_of(&RoomName::main()).await
    }

    /// The session of a room that is open now.
    ///
    /// # Errors
    /// Those of [`Chat::current_session`].
    pub async fn current_session_of(&self, room: &RoomName) -> Result<Session, ChatError> {
        self.must_be_enabled()?;
        if room.is_main()
            && let Some(session) = self.scheduled_session().await?
        {
            return Ok(session);
        }
        // A room's session follows from its row, never from a cache: the next one may have begun.
        let bookings = self.store.bookings(room).await?;
        let id = bookings.open_at(self.clock.now()).ok_or_else(ChatError::no_open_session)?;
        let session = self.session_with_id(id).await?;
        self.must_be_open(session).await.map_err(|error| match error {
            ChatError::ChatNotActive(_) => ChatError::no_open_session(),
            other => other,
        })
    }

    /// The session of the window that is open now, unless a host has ended it.
    async fn scheduled_session(&self) -> Result<Option<Session>, ChatError> {
        let now = self.clock.now();
        if let Some(session) = self.known.current(now).filter(|session| session.is_open_at(now)) {
            return Ok(Some(session));
        }
        // It has hardly ended since: one read less than by its window.
        if let Some(id) = self.known.current_id()
            && let Some(session) = self.store.session(id, now).await?.filter(|session| session.is_open_at(now))
        {
            self.known.note_current(&session, now);
            return Ok(Some(session));
        }
        let sessions = &self.config.sessions;
        let Some(window) = sessions.schedule.window_at(now, &sessions.zone) else { return Ok(None) };
        // The stored bounds stay in force even if the settings have changed since.
        let session = self.store.session_of_window(&window).await?.filter(|found| found.is_open_at(self.clock.now()));
        let Some(session) = session else { return Ok(None) };
        self.known.note_current(&session, now);
        Ok(Some(session))
    }

    fn must_be_enabled(&self) -> Result<(), ChatError> {
        match self.config.sessions.enabled {
            true => Ok(()),
            false => Err(ChatError::ChatNotActive("Live chat is disabled".to_owned())),
        }
    }

    /// The session that a request addresses: by its id, also if it has ended, or the current one of a room.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`], [`ChatError::NotFound`], or [`ChatError::InvalidRequest`] for an id that is not a number, for the
    /// name of a room, or for both together.
    pub(super) async fn addressed_session(&self, addressed: Addressed<'_>) -> Result<Session, ChatError> {
        let Some(text) = addressed.session_id else {
            let session = self.current_session_of(&addressed.room()?).await?;
            record_session(session.id);
            return Ok(session);
        };
        if addressed.room.is_some() {
            return Err(ChatError::InvalidRequest("Name either session_id or room".to_owned()));
        }
        let id = text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let id = id.ok_or_else(|| ChatError::InvalidRequest("session_id is a whole number".to_owned()))?;
        record_session(id);
        self.must_be_enabled()?;
        if let Some(session) = self.known.with_id(id, self.clock.now()) {
            return Ok(session);
        }
        // The first request of a window opens its session, also if it names it.
        if !matches!(self.config.sessions.schedule, Schedule::Manual)
            && let Some(session) = self.scheduled_session().await?
            && session.id == id
        {
            return Ok(session);
        }
        self.session_with_id(id).await
    }

    /// The addressed session, which a caller reads.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`], [`ChatError::NotFound`], [`ChatError::InvalidRequest`] for an id that is not a number, or
    /// [`ChatError::Forbidden`] if the token is limited to other sessions (docs/contract.md, Who may do what).
    pub async fn session_to_read(&self, addressed: Addressed<'_>, caller: &Caller) -> Result<Session, ChatError> {
        let session = self.addressed_session(addressed).await?;
        caller.require_session(&session)?;
        Ok(session)
    }

    /// The addressed session, to which a caller sends. It must be open, as far as it is known: the number of a message is allocated by the
    /// session's row.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_read`], and [`ChatError::ChatNotActive`] for a session that is not open.
    pub async fn session_to_send(&self, addressed: Addressed<'_>, caller: &Caller) -> Result<Session, ChatError> {
        let session = self.session_to_read(addressed, caller).await?;
        self.must_be_open(session).await
    }

    /// The addressed session, which a caller changes. Its row says that it is open.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_send`].
    pub async fn session_to_write(&self, addressed: Addressed<'_>, caller: &Caller) -> Result<Session, ChatError> {
        let session = self.session_to_read(addressed, caller).await?;
        let session = self.read_session(session.id).await?;
        if session.is_open_at(self.clock.now()) { Ok(session) } else { Err(ChatError::session_over()) }
    }

    /// A session that is open, as far as it is known: it may have got a later end.
    pub(crate) async fn must_be_open(&self, known: Session) -> Result<Session, ChatError> {
        if known.is_open_at(self.clock.now()) {
            return Ok(known);
        }
        let session = self.read_session(known.id).await?;
        if session.is_open_at(self.clock.now()) { Ok(session) } else { Err(ChatError::session_over()) }
    }

    /// The session with this id, open or not. What is known of it may be seconds old.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if there is no such session.
    pub async fn session_with_id(&self, id: u64) -> Result<Session, ChatError> {
        match self.known.with_id(id, self.clock.now()) {
            Some(session) => Ok(session),
            None => self.read_session(id).await,
        }
    }

    /// The session with this id as its row says, strongly consistent.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if there is no such session.
    pub async fn read_session(&self, id: u64) -> Result<Session, ChatError> {
        let now = self.clock.now();
        let found = self.store.session(id, now).await?;
        let session = found.ok_or_else(|| ChatError::NotFound("There is no such session".to_owned()))?;
        self.known.note(&session, now);
        Ok(session)
    }
}
