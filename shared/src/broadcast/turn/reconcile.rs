//! Lost wake-ups: a turn after a silence compares the last flushes with the table, and flushes the differences.

use super::SessionTurn;
use crate::broadcast::lease::Interrupted;
use crate::broadcast::topic::Topic;
use crate::domain::broadcast::missed_wakeups;
use crate::domain::poll::state::Polls;

impl SessionTurn {
    /// Compares states by their values, and messages by the times of their changes. A repeated flush of a topic does no harm, because
    /// it states what is true.
    pub(super) async fn reconcile(&mut self) -> Result<(), Interrupted> {
        let (chat, session_id) = (&self.room.broadcast.chat, self.room.session_id);
        let (now, reconciled) = (chat.clock.now(), self.cursor.reconciled);
        let since =
            missed_wakeups::missed_since(reconciled.turn_ms, reconciled.changes_flushed_ms, now.as_millisecond());
        let topics = &mut self.pending.wake_up.topics;
        if !std::mem::take(&mut self.pending.wake_up.reconcile) && since.is_none() {
            return Ok(());
        }
        self.pending.wake_up.outbox = true;
        if let Some(head) = chat.store.head(session_id, now).await? {
            topics.extend(self.cursor.flushed.outdated(&head));
            // No head has the votes of polls.
            topics.extend(Polls::of(&head).filter(|polls| !polls.open.is_empty()).map(|_| Topic::Polls));
        }
        let Some(since) = since else { return Ok(()) };
        for change in chat.store.changed_after(session_id, since).await? {
            // A deleted message ahead of the cursor may have been posted by a holder that died before it moved the cursor. A liked
            // message ahead of the cursor will be flushed with its likes, and so will one that was hidden.
            let is_missed = match (change.is_deleted, change.was_hidden) {
                (true, false) => topics.insert(Topic::Deletion(change.id)),
                (true, true) => topics.insert(Topic::Visibility(change.id)),
                // Its frame has the likes, too.
                (false, true) => change.id.seq() <= self.cursor.seq && topics.insert(Topic::Visibility(change.id)),
                (false, false) => change.id.seq() <= self.cursor.seq && topics.insert(Topic::MessageLikes(change.id)),
            };
            if is_missed {
                tracing::debug!(
                    session.id = session_id,
                    message.id = change.id.as_u64(),
                    "a change is flushed without its wake-up"
                );
            }
            self.pending.changed_ms = self.pending.changed_ms.max(change.changed_ms);
        }
        Ok(())
    }
}
