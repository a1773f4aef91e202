//! A session's acts while a page reads them from the audit log.

use std::collections::VecDeque;

use futures_util::{StreamExt, TryStreamExt};

use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{Entry, EntryView, Pseudonym};
use crate::features::chat::Chat;

/// Entries whose people and texts are read at once.
const CONCURRENT_VIEWS: usize = 16;

/// See the module.
pub(super) struct Acts {
    session_id: u64,
    /// The user who alone is asked for: acts by and on that one.
    user: Option<Pseudonym>,
    /// The last act that was written, or that is of another session.
    done: ActionId,
    ahead: VecDeque<Entry>,
    /// The next ones, with their people and texts.
    viewed: VecDeque<(ActionId, EntryView)>,
    /// How far the log was read, if it goes on.
    read_to: Option<ActionId>,
}

impl Acts {
    pub(super) fn after(act: ActionId, session_id: u64, user: Option<Pseudonym>) -> Acts {
        let (ahead, viewed) = (VecDeque::new(), VecDeque::new());
        Acts { session_id, user, done: act.clone(), ahead, viewed, read_to: Some(act) }
    }

    /// None at all: of a user whom the log does not know, and for a format that has none.
    pub(super) fn none(act: ActionId) -> Acts {
        Acts { read_to: None, ..Acts::after(act, 0, None) }
    }

    /// The last act that was written, or that is of another session.
    pub(super) fn done(&self) -> &ActionId {
        &self.done
    }

    /// Whether an act from before a time, in milliseconds since 1970, may still have to be read; without a time, any act.
    pub(super) fn must_read(&self, before_ms: Option<i64>) -> bool {
        let is_before = |read_to: &ActionId| before_ms.is_none_or(|ms| read_to.time().as_millisecond() <= ms);
        self.next_ms().is_none() && self.read_to.as_ref().is_some_and(is_before)
    }

    pub(super) async fn read(&mut self, chat: &Chat) -> Result<(), ChatError> {
        let Some(after) = &self.read_to else { return Ok(()) };
        let slice = chat.store.log_after(self.session_id, after, chat.clock.now()).await?;
        let user = self.user.clone();
        let is_asked_for = |entry: &Entry| {
            user.as_ref().is_none_or(|user| entry.actor == *user || entry.target.as_ref() == Some(user))
        };
        self.ahead.extend(slice.entries.into_iter().filter(is_asked_for));
        if let (true, Some(read_to)) = (self.next_ms().is_none(), &slice.read_to) {
            self.done = read_to.clone();
        }
        self.read_to = slice.read_to;
        Ok(())
    }

    /// The time of the next act, in milliseconds since 1970.
    pub(super) fn next_ms(&self) -> Option<i64> {
        let id = self.viewed.front().map(|(id, _)| id).or_else(|| self.ahead.front().map(|entry| &entry.id));
        id.map(|id| id.time().as_millisecond())
    }

    /// The next act.
    pub(super) async fn next(&mut self, chat: &Chat) -> Result<Option<EntryView>, ChatError> {
        if self.viewed.is_empty() {
            let some = self.ahead.drain(..self.ahead.len().min(CONCURRENT_VIEWS));
            let views = futures_util::stream::iter(some)
                .map(|entry| async move { Ok::<_, ChatError>((entry.id.clone(), chat.view(entry).await?)) })
                .buffered(CONCURRENT_VIEWS);
            self.viewed = views.try_collect().await?;
        }
        Ok(self.viewed.front().map(|(_, view)| view.clone()))
    }

    /// The next act is written.
    pub(super) fn written(&mut self) {
        if let Some((id, _)) = self.viewed.pop_front() {
            self.done = id;
        }
        if let (None, Some(read_to)) = (self.next_ms(), &self.read_to) {
            self.done = read_to.clone();
        }
    }
}
