//! The id of a poll or a draw, which names its session: `session_id × 10000 + number`.

use serde::{Deserialize, Serialize};

use crate::domain::error::ChatError;
use crate::domain::session::limits::MAX_SESSION_ID;

/// Keeps the ids of different sessions apart.
const NUMBERS_PER_SESSION: u64 = 10_000;
/// The highest number in a session. Numbers count from 1.
pub const MAX_NUMBER: u64 = NUMBERS_PER_SESSION - 1;

/// The id of something that a host starts in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostedId(u64);

impl HostedId {
    /// The id of the session's thing with this number.
    pub fn new(session_id: u64, number: u64) -> HostedId {
        HostedId(session_id * NUMBERS_PER_SESSION + number)
    }

    /// Reads an id from a path or a query. `what` names it, such as `poll`.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for anything but a whole number, [`ChatError::NotFound`] for one that no session can have.
    pub fn parse(what: &str, text: &str) -> Result<HostedId, ChatError> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ChatError::InvalidRequest(format!("The id of a {what} is a whole number")));
        }
        let id = text.parse().ok().map(HostedId);
        id.filter(|id| (1..=MAX_SESSION_ID).contains(&id.session_id()) && id.number() > 0)
            .ok_or_else(|| ChatError::NotFound(format!("There is no such {what}")))
    }

    /// The id as a number.
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// The session.
    pub fn session_id(self) -> u64 {
        self.0 / NUMBERS_PER_SESSION
    }

    /// The number within the session.
    pub fn number(self) -> u64 {
        self.0 % NUMBERS_PER_SESSION
    }
}

impl std::fmt::Display for HostedId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_session() {
        let id = HostedId::new(7, 12);
        assert_eq!((id.as_u64(), id.session_id(), id.number()), (70_012, 7, 12));
        assert_eq!(HostedId::parse("poll", "70012").unwrap(), id);
    }

    #[test]
    fn what_is_no_number_is_refused_and_what_no_session_has_is_not_found() {
        for (text, code) in [
            ("", "invalid_request"),
            ("x", "invalid_request"),
            ("-1", "invalid_request"),
            ("0", "not_found"),
            ("10000", "not_found"),
            ("9999", "not_found"),
            ("99999999999999999999", "not_found"),
            ("900719920001", "not_found"),
        ] {
            assert_eq!(HostedId::parse("poll", text).unwrap_err().code(), code, "{text}");
        }
    }
}
