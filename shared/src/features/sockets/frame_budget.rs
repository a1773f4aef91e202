//! The frames of each socket, counted in the memory of a warm function.
//!
//! A write for each frame would double the cost of a `ping`, so a warm function writes the count after every tenth frame of a socket.
//! The counts of several functions for one socket meet with that delay.

use std::collections::HashMap;
use std::sync::Mutex;

/// The count is written after this many unwritten frames.
pub(super) const STRIDE: u64 = 10;
/// Old entries are removed when the map holds this many sockets.
const SWEEP_AT: usize = 10_000;

/// The counts of the sockets that this warm function serves, by connection id.
#[derive(Default)]
pub(crate) struct FrameBudget(Mutex<HashMap<String, MinuteCount>>);

#[derive(Clone, Copy, Default)]
struct MinuteCount {
    minute: i64,
    written: u64,
    unwritten: u64,
}

impl FrameBudget {
    /// Counts a frame. `stored` is the count of this minute in the socket's row. Returns the frames of the minute, and the number of
    /// them that are to be written now.
    pub(super) fn count(&self, connection_id: &str, minute: i64, stored: u64) -> (u64, u64) {
        let mut counts = self.lock();
        if counts.len() >= SWEEP_AT {
            counts.retain(|_, count| count.minute == minute);
        }
        let count = counts.entry(connection_id.to_owned()).or_default();
        if count.minute != minute {
            *count = MinuteCount { minute, written: 0, unwritten: 0 };
        }
        count.written = count.written.max(stored);
        count.unwritten += 1;
        let to_write = if count.unwritten >= STRIDE { std::mem::take(&mut count.unwritten) } else { 0 };
        count.written += to_write;
        (count.written + count.unwritten, to_write)
    }

    /// Learns the count of a minute in the table. Returns the frames of the minute.
    pub(super) fn learn(&self, connection_id: &str, minute: i64, written: u64) -> u64 {
        let mut counts = self.lock();
        let count = counts.entry(connection_id.to_owned()).or_default();
        if count.minute != minute {
            return written;
        }
        count.written = count.written.max(written);
        count.written + count.unwritten
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, MinuteCount>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
