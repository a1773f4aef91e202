//! The limit of sockets: a user has at most 10 in a session (docs/contract.md, Limits).

use std::time::Duration;

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::presence::store::MAX_SOCKETS_PER_USER;

/// A place is free as soon as the user closes a socket, so another try soon may succeed.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Chat {
    /// Whether the user may open one more socket. It is only a look: the handshake decides, in the write that adds the socket.
    ///
    /// # Errors
    /// [`ChatError::RateLimited`] if the user has 10 sockets already, [`ChatError::Unavailable`].
    pub async fn check_sockets(&self, session: &Session, caller: &Caller) -> Result<(), ChatError> {
        let sockets = self.store.socket_count(session.id, caller).await?;
        if sockets < MAX_SOCKETS_PER_USER { Ok(()) } else { Err(too_many_sockets()) }
    }
}

/// The refusal of a socket beyond the limit.
pub(super) fn too_many_sockets() -> ChatError {
    let detail = format!("You have {MAX_SOCKETS_PER_USER} sockets in this session already: close one of them first");
    ChatError::RateLimited { detail, retry_after: RETRY_AFTER }
}
