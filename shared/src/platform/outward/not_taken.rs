//! Why an event was not taken.

use std::time::Duration;

/// A receiver that has not answered by then has not taken the event.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// Why an event was not taken. It holds nothing of the event and nothing of the answer's body.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The request could not be made.
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// No answer came.
    #[error("no answer came: {0}")]
    Connection(String),
    /// No answer came in time.
    #[error("no answer came within {} seconds", TIMEOUT.as_secs())]
    TooLate,
    /// The answer was no success. Redirects are not followed.
    #[error("the answer was {0}")]
    Status(u16),
    /// EventBridge refused the event.
    #[error("EventBridge refused it: {0}")]
    Refused(String),
    /// The secret could not be fetched, or is none.
    #[error("no secret to sign with: {0}")]
    Secret(String),
}

impl NotTaken {
    /// Whether the receiver is there, and has something against this event.
    pub fn is_of_this_event(&self) -> bool {
        matches!(self, NotTaken::Status(400 | 413 | 422) | NotTaken::Refused(_))
    }
}
