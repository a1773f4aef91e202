//! A shift that begins after a silence looks for changes whose bells were lost, and takes them for news of its own.

use crate::broadcast::shift::Shift;
use crate::domain::broadcast::missed_wakeups;
use crate::domain::error::ChatError;

impl Shift {
    /// Holds what was told last against the table: the counters by their values, messages by when they changed. What is found may
    /// be told twice, which does no harm: it says how things are.
    pub(crate) async fn look_for_what_was_missed(&mut self) -> Result<(), ChatError> {
        let chat = self.broadcast.chat.clone();
        let (now, cursor) = (chat.clock.now(), &self.cursor);
        let since = missed_wakeups::missed_since(cursor.turn_ms, cursor.changes_told_ms, now.as_millisecond());
        if !std::mem::take(&mut self.news.recheck) && since.is_none() {
            return Ok(());
        }
        if let Some(head) = chat.store.head(self.session_id, now).await? {
            self.news.likes |= head.total_likes != self.cursor.likes_told;
            self.news.viewers |= head.viewer_count != self.cursor.viewers_told;
        }
        let Some(since) = since else { return Ok(()) };
        for change in chat.store.changed_after(self.session_id, since).await? {
            // A deleted message may have been posted by a holder that died before it moved the cursor. One that is liked and lies
            // ahead of the cursor is told with its likes.
            let is_news = if change.is_deleted {
                self.news.deleted.insert(change.id)
            } else {
                change.id.seq() <= self.cursor.seq && self.news.message_likes.insert(change.id)
            };
            if is_news {
                tracing::debug!(
                    session.id = self.session_id,
                    message.id = change.id.as_u64(),
                    "a change is told without its bell"
                );
            }
            self.news.changed_ms = self.news.changed_ms.max(change.changed_ms);
        }
        Ok(())
    }
}
