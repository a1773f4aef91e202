//! What a socket misses by an earlier note is read from the table by its own task, a part at a time: nobody else waits for that, and
//! no socket's backlog is held in memory as a whole.

use crate::broadcast::catch_up::helper::Helper;
use crate::broadcast::catch_up::{Missed, lock};
use crate::broadcast::fan_out::Event;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::messages::store::LogEntry;
use crate::platform::dynamo::StoreError;

/// Messages that are read at once.
const READ_AT_ONCE: i32 = 100;

impl Helper {
    /// Reads the next part, if everything that was read before is taken. The last one ends with what became of earlier messages, and
    /// with the counters as they are now.
    pub(crate) async fn read_on(&mut self) -> Result<(), StoreError> {
        while let Some(missed) = self.missed.filter(|_| self.missed_read == 0) {
            let (mut part, after) = self.messages_after(missed).await?;
            self.missed = Some(Missed { after, ..missed }).filter(|missed| missed.after < missed.up_to);
            if self.missed.is_none() {
                part.extend(self.changes().await.inspect_err(|_unread| self.missed = Some(missed))?);
                part.extend(self.counters().await.inspect_err(|_unread| self.missed = Some(missed))?);
            }
            self.missed_read = part.len();
            let mut backlog = lock(&self.backlog);
            part.into_iter().rev().for_each(|event| backlog.events.push_front(event));
        }
        Ok(())
    }

    /// Messages of the next numbers, and the last one of these.
    async fn messages_after(&self, missed: Missed) -> Result<(Vec<Event>, u64), StoreError> {
        let chat = &self.broadcast.chat;
        let now = chat.clock.now();
        let numbers = chat.store.entries_after(self.session_id, missed.after, READ_AT_ONCE, now).await?;
        // Where nothing is stored any more, nothing is missed.
        let last = numbers.last().map_or(missed.up_to, LogEntry::seq);
        let mut events = Vec::new();
        let settled = numbers.into_iter().filter(|number| number.seq() <= missed.up_to);
        for message in settled.filter_map(LogEntry::message) {
            let message = message.to_wire(&chat.config.zone);
            let json = ServerFrame::NewMessage { message: &message }.to_json();
            events.push(Event { json, seq: Some(message.seq), about: None });
        }
        Ok((events, last))
    }

    /// What became of earlier messages.
    async fn changes(&self) -> Result<Vec<Event>, StoreError> {
        let chat = &self.broadcast.chat;
        let mut events = Vec::new();
        for &message_id in &self.place.behind_changed {
            let frame = match chat.store.message(message_id, chat.clock.now()).await? {
                Some(message) => ServerFrame::MessageLikeUpdate { message_id, likes: message.likes() },
                None => ServerFrame::MessageDeleted { message_id },
            };
            events.push(Event { json: frame.to_json(), seq: None, about: Some(message_id) });
        }
        Ok(events)
    }

    async fn counters(&self) -> Result<Vec<Event>, StoreError> {
        let chat = &self.broadcast.chat;
        let Some(head) = chat.store.head(self.session_id, chat.clock.now()).await? else { return Ok(Vec::new()) };
        let likes = ServerFrame::SessionLikeUpdate { total_likes: head.total_likes };
        let viewers = ServerFrame::ViewerCountUpdate { viewer_count: head.viewer_count };
        let event = |frame: ServerFrame<'_>| Event { json: frame.to_json(), seq: None, about: None };
        Ok(vec![event(likes), event(viewers)])
    }
}
