//! Polls end by time: a turn ends those whose time is over. `housekeep` does it where nothing else wakes the broadcast.

use super::SessionTurn;
use crate::broadcast::lease::Interrupted;
use crate::broadcast::topic::Topic;
use crate::domain::error::ChatError;

impl SessionTurn {
    /// Ends the polls that the room was told of, once their time is over, so that this turn tells their results.
    pub(super) async fn end_due_polls(&mut self) -> Result<(), Interrupted> {
        let (chat, session_id) = (&self.room.broadcast.chat, self.room.session_id);
        let now = chat.clock.now();
        if self.cursor.polls_end_ms.is_none_or(|end_ms| end_ms > now.as_millisecond()) {
            return Ok(());
        }
        let work = async {
            let ended = match chat.store.polls_of_room(session_id).await {
                Ok(polls) => chat.end_due_polls(session_id, &polls, now).await,
                Err(error) => Err(error.into()),
            };
            // No message waits for a result.
            if let Err(error) = ended {
                tracing::warn!(session.id = session_id, %error, "a poll is left to housekeeping");
            }
            Ok::<_, ChatError>(())
        };
        self.lease.hold(work).await?;
        // The flush of the topic notes the next end.
        self.cursor.polls_end_ms = Some(i64::MAX);
        self.pending.wake_up.topics.insert(Topic::Polls);
        Ok(())
    }
}
