//! The limit of frames: a socket whose user sends more than 60 a minute, on all sockets together, is closed (docs/contract.md, Limits).

use super::store::Socket;
use crate::domain::budget::{Budget, STRIDE};
use crate::domain::error::ChatError;
use crate::features::budgets::spend::minute_of;
use crate::features::chat::Chat;

impl Chat {
    /// Counts a frame of a socket's user.
    ///
    /// # Errors
    /// [`ChatError::RateLimited`] beyond the limit. The broadcast closes the socket soon after.
    pub(crate) async fn spend_frame(&self, socket: &Socket) -> Result<(), ChatError> {
        let spent = self.spend(Budget::Frames, &socket.caller).await;
        if let Err(ChatError::RateLimited { .. }) = &spent {
            let now = self.clock.now();
            let refused = self.counts.refuse_frame(&socket.connection_id, minute_of(now));
            // The request is repeated every stride, in case the first one is lost with its reader.
            if refused % STRIDE == 1 {
                self.store.request_close(socket.session_id, &socket.connection_id, now).await?;
            }
        }
        spent
    }
}
