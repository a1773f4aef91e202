//! Backfill: a socket that lagged at the end of an earlier turn misses events that are no longer in memory. Its task reads them from
//! the table, a part at a time. No other socket waits for that, and no backlog is held in memory as a whole.

use super::backlog::lock;
use super::lagging::SeqRange;
use super::task::CatchUpTask;
use crate::broadcast::audience::Audience;
use crate::broadcast::event::Event;
use crate::broadcast::topic::Topic;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::messages::store::LogEntry;
use crate::features::messages::store_hidden::Visibility;
use crate::platform::dynamo::StoreError;

/// Entries that are read at once.
const ENTRIES_PER_READ: i32 = 100;

impl CatchUpTask {
    /// Reads the next part, once the socket has accepted the previous one. The last part ends with the changes of earlier
    /// messages, the current states and the missed notices.
    pub(super) async fn read_backfill(&mut self) -> Result<(), StoreError> {
        while let Some(range) = self.backfill.range.filter(|_| self.backfill.read == 0) {
            let room = self.room.clone();
            let _call = room.table_call().await;
            let (mut part, after) = self.messages_in(range).await?;
            self.backfill.range = Some(SeqRange { after, ..range }).filter(|range| range.after < range.up_to);
            if self.backfill.range.is_none() {
                part.extend(self.topics().await.inspect_err(|_unread| self.backfill.range = Some(range))?);
            }
            self.backfill.read = part.len();
            let mut backlog = lock(&self.backlog);
            part.into_iter().rev().for_each(|event| backlog.events.push_front(event));
        }
        Ok(())
    }

    /// The next messages of a range, and the number that they reach to.
    async fn messages_in(&self, range: SeqRange) -> Result<(Vec<Event>, u64), StoreError> {
        let chat = &self.room.broadcast.chat;
        let now = chat.clock.now();
        let (store, session_id) = (&chat.store, self.room.session_id);
        let entries = store.uncovered_entries_after(session_id, range.after, ENTRIES_PER_READ, now).await?;
        // If nothing is stored any more, nothing is missed.
        let last = entries.last().map_or(range.up_to, LogEntry::seq);
        let settled = entries.into_iter().filter(|entry| entry.seq() <= range.up_to).collect();
        let settled = store.with_quotes(settled, now).await?;
        let owner = match settled.iter().any(|entry| matches!(entry, LogEntry::Shadowed(_))) {
            true => store.socket(&self.subscriber.connection_id).await?.map(|socket| socket.caller),
            false => None,
        };
        let events = settled.iter().flat_map(|entry| Event::of_entry(entry, &chat.config.sessions.zone));
        Ok((events.filter_map(|event| event.addressed_to(owner.as_ref())).collect(), last))
    }

    /// The changes of earlier messages, the session's states, and the notices that the socket's row holds.
    async fn topics(&self) -> Result<Vec<Event>, StoreError> {
        let chat = &self.room.broadcast.chat;
        let (now, zone) = (chat.clock.now(), &chat.config.sessions.zone);
        let mut events = Vec::new();
        for &id in &self.subscriber.missed_changes {
            let frame = match chat.store.visibility(id, now).await? {
                Visibility::Standing(message) => {
                    ServerFrame::MessageLikeUpdate { message_id: id, likes: message.likes() }
                }
                Visibility::Back(message) => ServerFrame::MessageRestored { message: Box::new(message.to_wire(zone)) },
                Visibility::Gone => ServerFrame::MessageDeleted { message_id: id },
            };
            events.push(Event::of_frame(&frame, Some(id)));
        }
        let head = chat.store.head(self.room.session_id, now).await?;
        for state in Topic::STATES {
            let frames = state.read(chat, head.as_ref(), 0, now).await?.into_iter().map(ServerFrame::without_burst);
            events.extend(frames.map(|frame| Event::of_frame(&frame, None)));
        }
        let notices = self.subscriber.missed_notices.iter().cloned();
        events.extend(notices.map(|frame| Event::of_notice(frame, Audience::Everybody)));
        Ok(events)
    }
}
