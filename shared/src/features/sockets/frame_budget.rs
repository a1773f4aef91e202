//! The count of frames of each socket, in the memory of a warm function.
//!
//! A write for each frame would double what a `ping` costs, so a warm function counts in memory and writes every tenth frame
//! of a socket. Frames of one socket that run in several functions are counted together with that delay.

use std::collections::HashMap;
use std::sync::Mutex;

/// After this many unwritten frames the count is written.
pub(super) const STRIDE: u64 = 10;
/// The map is swept when it holds this many sockets.
const SWEEP_AT: usize = 10_000;

/// Counts of sockets that this warm function serves.
#[derive(Default)]
pub(crate) struct FrameBudget(Mutex<HashMap<String, Count>>);

#[derive(Clone, Copy, Default)]
struct Count {
    minute: i64,
    written: u64,
    unwritten: u64,
}

impl FrameBudget {
    /// Counts one more frame; `stored` is what the socket's row says of this minute. Answers with the minute's frames and
    /// with how many of them are to be written now.
    pub(super) fn count(&self, connection_id: &str, minute: i64, stored: u64) -> (u64, u64) {
        let mut counts = self.lock();
        if counts.len() >= SWEEP_AT {
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
    pub(super) fn learn(&self, connection_id: &str, minute: i64, written: u64) -> u64 {
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
