//! The topics that are due, and the events of a flush.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};

use super::SessionTurn;
use super::outbox::Notices;
use crate::broadcast::event::Event;
use crate::broadcast::lease::Interrupted;
use crate::broadcast::topic::Topic;
use crate::domain::broadcast::coalesce;
use crate::domain::poll::state::Polls;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::messages::store::LogEntry;

/// Rows that are read at once.
const CONCURRENT_READS: usize = 16;

impl SessionTurn {
    /// The pending topics whose intervals have passed.
    pub(super) async fn due_topics(&mut self) -> Result<BTreeSet<Topic>, Interrupted> {
        let topics = &self.pending.wake_up.topics;
        if self.seen.room_size == 0 && topics.iter().any(|topic| topic.name().is_some()) {
            self.seen.room_size = self.subscribers().await?.count();
        }
        // One time for all, because topics of one name are due together.
        let now_ms = self.room.now_ms();
        let topics = self.pending.wake_up.topics.iter().copied();
        Ok(topics.filter(|topic| self.wait_of(*topic, now_ms).is_zero()).collect())
    }

    /// The time until the first pending topic is due; `None` if none is pending.
    pub(super) fn next_topic(&self) -> Option<Duration> {
        let now_ms = self.room.now_ms();
        self.pending.wake_up.topics.iter().map(|topic| self.wait_of(*topic, now_ms)).min()
    }

    pub(super) fn wait_of(&self, topic: Topic, now_ms: i64) -> Duration {
        let (last, interval) = (self.cursor.flushed.of(topic), topic.interval(self.seen.room_size));
        coalesce::wait(last.sent_ms, now_ms, interval)
    }

    /// The events of a flush: messages first, then the topics in their order, then notices. The cursor notes the flush of each topic.
    pub(super) async fn events(
        &mut self,
        entries: &[LogEntry],
        topics: &BTreeSet<Topic>,
        notices: &Notices,
    ) -> Result<Vec<Event>, Interrupted> {
        let chat = &self.room.broadcast.chat;
        let now = chat.clock.now();
        let zone = &chat.config.sessions.zone;
        let mut events: Vec<Event> = entries.iter().flat_map(|entry| Event::of_entry(entry, zone)).collect();
        let mut head = match Topic::STATES.iter().any(|state| topics.contains(state)) {
            true => chat.store.head(self.room.session_id, now).await?,
            false => None,
        };
        if let Some(head) = head.as_mut().filter(|_| topics.contains(&Topic::Reactions)) {
            self.lease.hold(chat.store.sum_reactions(head)).await?;
        }
        if let Some(polls) = head.as_ref().filter(|_| topics.contains(&Topic::Polls)).and_then(Polls::of) {
            self.cursor.polls_end_ms = Some(polls.next_end_ms().unwrap_or(i64::MAX));
        }
        let reads = futures_util::stream::iter(topics.iter().copied())
            .map(|topic| topic.read(chat, head.as_ref(), self.cursor.flushed.of(topic).value, now))
            .buffered(CONCURRENT_READS)
            .try_collect::<Vec<_>>();
        let frames = self.lease.hold(reads).await?;
        let settled = entries.last().map_or(self.cursor.seq, LogEntry::seq);
        for (topic, frames) in topics.iter().zip(frames) {
            // What is not flushed yet comes in its order, as it stands then.
            let is_ahead = |frame: &ServerFrame<'_>| matches!(frame, ServerFrame::MessageRestored { message } if message.seq > settled);
            let frames = frames.iter().filter(|frame| !is_ahead(frame));
            events.extend(frames.map(|frame| Event::of_frame(frame, topic.about())));
            let value = head.as_ref().and_then(|head| topic.value(head));
            self.cursor.flushed.note(*topic, now.as_millisecond(), value);
        }
        if !self.pending.has_message_likes_beside(topics) {
            let flushed_ms = &mut self.cursor.reconciled.changes_flushed_ms;
            *flushed_ms = self.pending.changed_ms.max(*flushed_ms);
        }
        let notices = notices.rows.iter().filter(|notice| !notice.has_expired(now));
        events.extend(notices.map(|notice| Event::of_notice(notice.frame.clone(), notice.audience.clone())));
        Ok(events)
    }
}
