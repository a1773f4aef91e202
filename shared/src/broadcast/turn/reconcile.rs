//! Lost wake-ups: a turn that begins after a silence compares what was flushed last with the table, and flushes what differs.

use super::SessionTurn;
use crate::broadcast::lease::Interrupted;
use crate::broadcast::topic::Topic;
use crate::domain::broadcast::missed_wakeups;

impl SessionTurn {
    /// Compares states by their values, messages by when they changed. What is found may be flushed twice, which does no harm: it
    /// says how things are.
    pub(super) async fn reconcile(&mut self) -> Result<(), Interrupted> {
        let (chat, session_id) = (&self.room.broadcast.chat, self.room.session_id);
        let (now, reconciled) = (chat.clock.now(), self.cursor.reconciled);
        let since = missed_wakeups::missed_since(reconciled.turn_ms, reconciled.changes_told_ms, now.as_millisecond());
        let topics = &mut self.pending.wake_up.topics;
        if !std::mem::take(&mut self.pending.wake_up.reconcile) && since.is_none() {
            return Ok(());
        }
        if let Some(head) = chat.store.head(session_id, now).await? {
            topics.extend(self.cursor.flushed.outdated(&head));
        }
        let Some(since) = since else { return Ok(()) };
        for change in chat.store.changed_after(session_id, since).await? {
            // A deleted message may have been posted by a holder that died before it moved the cursor. One that is liked and lies
            // ahead of the cursor is flushed with its likes.
            let is_news = match change.is_deleted {
                true => topics.insert(Topic::Deletion(change.id)),
                false => change.id.seq() <= self.cursor.seq && topics.insert(Topic::MessageLikes(change.id)),
            };
            if is_news {
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
