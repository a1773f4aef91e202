//! What a shift has to tell: messages first, then deletions, then the counters that are due.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};

use crate::broadcast::fan_out::Event;
use crate::broadcast::news::Kind;
use crate::broadcast::shift::posting::ROWS_AT_ONCE;
use crate::broadcast::shift::{Shift, about, counter};
use crate::domain::broadcast::coalesce;
use crate::domain::error::ChatError;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::messages::store::LogEntry;

impl Shift {
    /// What is to be told now: messages first, then deletions, then the counters that are due.
    pub(crate) async fn events(&mut self, numbers: &[LogEntry]) -> Result<Vec<Event>, ChatError> {
        let zone = self.broadcast.chat.config.zone.clone();
        let mut events = Vec::new();
        for number in numbers {
            if let LogEntry::Message(message) = number {
                self.flush.note_message(message);
                let json = ServerFrame::NewMessage { message: &message.to_wire(&zone) }.to_json();
                events.push(Event { json, seq: Some(number.seq()), about: None });
            }
        }
        self.flush.note_heard(self.news.take_heard(Kind::Deletion));
        for message_id in std::mem::take(&mut self.news.deleted) {
            events.push(about(message_id, &ServerFrame::MessageDeleted { message_id }));
        }
        self.add_due_counters(&mut events).await?;
        if self.news.message_likes.is_empty() {
            self.cursor.changes_told_ms = self.cursor.changes_told_ms.max(self.news.changed_ms);
        }
        Ok(events)
    }

    async fn add_due_counters(&mut self, events: &mut Vec<Event>) -> Result<(), ChatError> {
        let has_counters = self.news.likes || self.news.viewers || !self.news.message_likes.is_empty();
        if has_counters && self.room_size == 0 {
            self.room_size = self.room().await?.size();
        }
        let now = self.broadcast.chat.clock.now();
        let likes_are_due = self.likes_wait().is_zero();
        let tell_likes = self.news.likes && likes_are_due;
        let tell_viewers = self.news.viewers && self.viewers_wait().is_zero();
        let message_likes =
            if likes_are_due { std::mem::take(&mut self.news.message_likes) } else { Default::default() };
        if tell_likes || !message_likes.is_empty() {
            self.cursor.likes_sent_ms = now.as_millisecond();
            self.flush.note_heard(self.news.take_heard(Kind::Likes));
        }
        let liked = futures_util::stream::iter(message_likes)
            .map(|message_id| self.broadcast.chat.store.message(message_id, now))
            .buffered(ROWS_AT_ONCE)
            .try_collect::<Vec<_>>();
        for message in self.holding_the_lease(async { Ok(liked.await?) }).await?.into_iter().flatten() {
            let (message_id, likes) = (message.id(), message.likes());
            events.push(about(message_id, &ServerFrame::MessageLikeUpdate { message_id, likes }));
        }
        if !tell_likes && !tell_viewers {
            return Ok(());
        }
        let Some(head) = self.broadcast.chat.store.head(self.session_id, now).await? else {
            // The session has expired: what is not told now would be due again at once, and for ever.
            (self.news.likes, self.news.viewers) = (false, false);
            return Ok(());
        };
        if tell_likes {
            self.news.likes = false;
            self.cursor.likes_told = head.total_likes;
            events.push(counter(&ServerFrame::SessionLikeUpdate { total_likes: head.total_likes }));
        }
        if tell_viewers {
            self.news.viewers = false;
            self.cursor.viewers_told = head.viewer_count;
            self.cursor.viewers_sent_ms = now.as_millisecond();
            self.flush.note_heard(self.news.take_heard(Kind::Viewers));
            events.push(counter(&ServerFrame::ViewerCountUpdate { viewer_count: head.viewer_count }));
        }
        Ok(())
    }

    /// How long until a counter that is held back may be told; `None` if none is.
    pub(crate) fn until_counters_are_due(&self) -> Option<Duration> {
        let likes = (self.news.likes || !self.news.message_likes.is_empty()).then(|| self.likes_wait());
        let viewers = self.news.viewers.then(|| self.viewers_wait());
        likes.into_iter().chain(viewers).min()
    }

    fn likes_wait(&self) -> Duration {
        let now_ms = self.broadcast.chat.clock.now().as_millisecond();
        coalesce::wait(self.cursor.likes_sent_ms, now_ms, coalesce::likes_interval(self.room_size))
    }

    fn viewers_wait(&self) -> Duration {
        let now_ms = self.broadcast.chat.clock.now().as_millisecond();
        coalesce::wait(self.cursor.viewers_sent_ms, now_ms, coalesce::viewers_interval(self.room_size))
    }
}
