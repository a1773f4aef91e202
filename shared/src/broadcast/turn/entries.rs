//! New messages: the entries of a session's log that follow the cursor without a gap.

use std::time::Duration;

use tokio::time::Instant;

use super::{Gap, SessionTurn};
use crate::broadcast::lease::Interrupted;
use crate::domain::broadcast::gaps;
use crate::features::messages::store::LogEntry;

/// The turn waits this long for a missing number below a stored one.
const SENDER_TIMEOUT: Duration = Duration::from_millis(100);
/// Entries that are read at once.
const ENTRIES_PER_READ: i32 = 200;

impl SessionTurn {
    /// Reads the entries that can be flushed now. A number that stays missing is settled as void.
    pub(super) async fn read_entries(&mut self) -> Result<Vec<LogEntry>, Interrupted> {
        let (chat, session_id) = (&self.room.broadcast.chat, self.room.session_id);
        loop {
            let now = chat.clock.now();
            let (store, after) = (&chat.store, self.cursor.seq);
            let mut stored = match self.seen.lifecycle.has_ended() {
                true => store.uncovered_entries_after(session_id, after, ENTRIES_PER_READ, now).await?,
                false => store.entries_after(session_id, after, ENTRIES_PER_READ, now).await?,
            };
            let seqs: Vec<u64> = stored.iter().map(LogEntry::seq).collect();
            let ahead = gaps::look_ahead(self.cursor.seq, &seqs, self.pending.wake_up.settle_up_to);
            self.seen.gap = ahead.missing.map(|seq| match self.seen.gap {
                Some(known) if known.seq == seq => known,
                _ => Gap { seq, since: Instant::now() },
            });
            let expired = self.seen.gap.filter(|gap| ahead.ready == 0 && gap.since.elapsed() >= SENDER_TIMEOUT);
            let Some(Gap { seq, .. }) = expired else {
                let at_most = self.cursor.backpressure.max_messages_per_flush(chat.config.sockets.posts_per_second);
                stored.truncate(ahead.ready.min(at_most));
                return self.lease.hold(store.with_quotes(stored, now)).await;
            };
            let session = chat.session_with_id(session_id).await?;
            if chat.store.void_seq(&session, seq, now).await? {
                tracing::warn!(session.id = session_id, message.seq = seq, "a number was settled as void");
            }
            self.seen.gap = None;
        }
    }

    /// Moves the cursor past the flushed entries, and the limit of senders with it, as far as backpressure allows.
    pub(super) async fn advance(&mut self, entries: &[LogEntry]) -> Result<(), Interrupted> {
        self.cursor.seq = entries.last().map_or(self.cursor.seq, LogEntry::seq);
        let chat = &self.room.broadcast.chat;
        let allowed = chat.config.sockets.posts_per_second;
        if let Some(admitted) = self.cursor.backpressure.new_admission(allowed, entries.len(), self.cursor.seq) {
            chat.store.admit_up_to(self.room.session_id, admitted).await?;
            self.cursor.backpressure.admitted = admitted;
        }
        Ok(())
    }
}
