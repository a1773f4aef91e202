//! The cache of sessions in a warm function. A cached session stays true until its end.

use std::sync::{PoisonError, RwLock};

use crate::domain::session::Session;

/// The cached sessions.
#[derive(Default)]
pub(crate) struct KnownSessions {
    /// The last current session.
    current: RwLock<Option<Session>>,
    /// The last session that was addressed by its id, as frames do.
    addressed: RwLock<Option<Session>>,
}

impl KnownSessions {
    /// The last current session.
    pub(crate) fn current(&self) -> Option<Session> {
        read(&self.current)
    }

    /// The session with this id, if it is known.
    pub(crate) fn with_id(&self, id: u64) -> Option<Session> {
        [&self.current, &self.addressed].into_iter().filter_map(read).find(|session| session.id == id)
    }

    /// Notes the current session.
    pub(crate) fn note_current(&self, session: &Session) {
        write(&self.current, session);
    }

    /// Notes a session that was addressed by its id.
    pub(crate) fn note_addressed(&self, session: &Session) {
        write(&self.addressed, session);
    }
}

fn read(session: &RwLock<Option<Session>>) -> Option<Session> {
    session.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn write(known: &RwLock<Option<Session>>, session: &Session) {
    *known.write().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
}
