//! How the chat answered a message, over REST or a socket.

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// The message is stored under this number of the session.
    Accepted { seq: u64 },
    /// It is not, for this reason.
    Refused { code: String, retry_after_ms: u64 },
}
