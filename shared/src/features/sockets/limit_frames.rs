//! The limit of frames: a socket with more than 60 a minute is closed (docs/contract.md, Limits).

use std::time::Duration;

use super::frame_budget::STRIDE;
use super::store::Socket;
use crate::domain::error::ChatError;
use crate::features::chat::Chat;

/// Frames that a socket may send in a minute.
pub const MAX_FRAMES_PER_MINUTE: u64 = 60;

impl Chat {
    /// Counts a frame of a socket.
    ///
    /// # Errors
    /// [`ChatError::RateLimited`] beyond the limit. The broadcast closes the socket soon after.
    pub(crate) async fn spend_frame(&self, socket: &Socket) -> Result<(), ChatError> {
        let now = self.clock.now();
        let minute = now.as_second().div_euclid(60);
        let stored = if socket.frames_minute == minute { socket.frames } else { 0 };
        let (mut frames, to_write) = self.budget.count(&socket.connection_id, minute, stored);
        if to_write > 0 {
            let written = self.store.count_frames(&socket.connection_id, minute, to_write).await?;
            frames = self.budget.learn(&socket.connection_id, minute, written);
        }
        if frames <= MAX_FRAMES_PER_MINUTE {
            return Ok(());
        }
        // The request is repeated every stride, in case the first one is lost with its reader.
        if (frames - MAX_FRAMES_PER_MINUTE) % STRIDE == 1 {
            self.store.request_close(socket.session_id, &socket.connection_id, now).await?;
        }
        let retry_after = Duration::from_secs(60 - now.as_second().rem_euclid(60) as u64);
        let detail = format!("At most {MAX_FRAMES_PER_MINUTE} frames a minute are allowed: this socket will be closed");
        Err(ChatError::RateLimited { detail, retry_after })
    }
}
