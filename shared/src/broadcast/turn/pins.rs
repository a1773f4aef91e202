//! Pins follow their messages: what leaves the room is unpinned. The changed row is then told as any other change of pins.

use super::SessionTurn;
use crate::broadcast::lease::Interrupted;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::features::messages::store::LogEntry;

impl SessionTurn {
    /// Unpins messages that have left the room, if something of this flush may have taken them. That happens before the cursor moves, so a
    /// crash loses none.
    pub(super) async fn unpin_gone(&mut self, entries: &[LogEntry]) -> Result<(), Interrupted> {
        let covers = entries.iter().any(LogEntry::concerns_messages);
        let changed: Vec<MessageId> = self.pending.wake_up.topics.iter().filter_map(|topic| topic.takes()).collect();
        if !covers && changed.is_empty() {
            return Ok(());
        }
        let chat = &self.room.broadcast.chat;
        // A purge or a clear may concern any of them.
        let among = (!covers).then_some(changed.as_slice());
        let work = async {
            if chat.store.pins(self.room.session_id).await?.message_ids.is_empty() {
                return Ok(());
            }
            let session = chat.session_with_id(self.room.session_id).await?;
            Ok::<_, ChatError>(chat.store.unpin_gone(&session, among, chat.clock.now()).await?)
        };
        self.lease.hold(work).await
    }
}
