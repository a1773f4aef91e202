//! The frame budget: more than 60 frames a minute on one socket end it.
//!
//! A write for each frame would double what a `ping` costs, so a warm function counts in memory and writes every tenth frame
//! of a socket. Frames of one socket that run in several functions are counted together with that delay.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::error::ChatError;
use crate::features::chat::Chat;
use crate::features::sockets::store::Socket;

/// Most frames of a socket in a minute (docs/contract.md, Limits).
pub const FRAMES_PER_MINUTE: u64 = 60;
/// After this many unwritten frames the count is written.
const STRIDE: u64 = 10;
/// The map is swept when it holds this many sockets.
const MANY: usize = 10_000;

/// Counts of sockets that this warm function serves.
#[derive(Default)]
pub(crate) struct FrameBudget(Mutex<HashMap<String, Count>>);

#[derive(Clone, Copy, Default)]
struct Count {
    minute: i64,
    written: u64,
    unwritten: u64,
}

impl Chat {
    /// Counts a frame of a socket.
    ///
    /// # Errors
    /// [`ChatError::RateLimited`] past the budget; the socket is then closed soon.
    pub(crate) async fn spend_frame(&self, socket: &Socket) -> Result<(), ChatError> {
        let now = self.clock.now();
        let minute = now.as_second().div_euclid(60);
        let stored = if socket.frames_minute == minute { socket.frames } else { 0 };
        let (mut frames, to_write) = self.budget.count(&socket.connection_id, minute, stored);
        if to_write > 0 {
            let written = self.store.count_frames(&socket.connection_id, minute, to_write).await?;
            frames = self.budget.learn(&socket.connection_id, minute, written);
        }
        if frames <= FRAMES_PER_MINUTE {
            return Ok(());
        }
        // Asked for again every stride, should the first request be lost with its reader.
        if (frames - FRAMES_PER_MINUTE) % STRIDE == 1 {
            self.store.request_close(socket.session_id, &socket.connection_id, now).await?;
        }
        let retry_after = Duration::from_secs(60 - now.as_second().rem_euclid(60) as u64);
        let detail = format!("At most {FRAMES_PER_MINUTE} frames a minute are allowed: this socket will be closed");
        Err(ChatError::RateLimited { detail, retry_after })
    }
}

impl FrameBudget {
    /// Counts one more frame; `stored` is what the socket's row says of this minute. Answers with the minute's frames and
    /// with how many of them are to be written now.
    fn count(&self, connection_id: &str, minute: i64, stored: u64) -> (u64, u64) {
        let mut counts = self.lock();
        if counts.len() >= MANY {
            counts.retain(|_, count| count.minute == minute);
        }
        let count = counts.entry(connection_id.to_owned()).or_default();
        if count.minute != minute {
            *count = Count { minute, written: 0, unwritten: 0 };
        }
        count.written = count.written.max(stored);
        count.unwritten += 1;
        let to_write = if count.unwritten >= STRIDE { std::mem::take(&mut count.unwritten) } else { 0 };
        count.written += to_write;
        (count.written + count.unwritten, to_write)
    }

    /// Learns what the table says of a minute, and answers with the minute's frames.
    fn learn(&self, connection_id: &str, minute: i64, written: u64) -> u64 {
        let mut counts = self.lock();
        let count = counts.entry(connection_id.to_owned()).or_default();
        if count.minute != minute {
            return written;
        }
        count.written = count.written.max(written);
        count.written + count.unwritten
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Count>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
