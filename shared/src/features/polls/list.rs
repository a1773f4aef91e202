//! Reading polls: `GET /live-chat/polls`, and those that a status shows.

use futures_util::{StreamExt, TryStreamExt};

use super::store::CountedPoll;
use super::vote::no_such_poll;
use crate::domain::budget::Budget;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::hosted_id::{HostedId, MAX_NUMBER};
use crate::domain::page::parse_limit;
use crate::domain::poll::state::Polls;
use crate::domain::poll::view::PollView;
use crate::features::chat::Chat;
use crate::features::polls::api::PollsResponse;
use crate::features::sessions::resolve::Addressed;

/// At most so many polls are in a page.
const MAX_POLLS: usize = 20;
/// Votes that are read at once.
const CONCURRENT_READS: usize = 8;

impl Chat {
    /// A page of the polls of a session, the newest first, each with the reader's vote.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for a parameter, [`ChatError::RateLimited`] if the reader has asked for too many pages in this
    /// minute, and those of [`Chat::session_to_read`].
    pub async fn polls(
        &self,
        addressed: Addressed<'_>,
        reader: &Caller,
        before: Option<&str>,
        limit: Option<&str>,
    ) -> Result<PollsResponse, ChatError> {
        let limit = parse_limit(limit, MAX_POLLS)?;
        let before = before.map(|before| HostedId::parse("poll", before)).transpose()?;
        self.spend(Budget::Pages, reader).await?;
        let session = self.session_to_read(addressed, reader).await?;
        let before = match before {
            Some(before) if before.session_id() == session.id => before.number(),
            Some(_) => return Err(no_such_poll()),
            None => MAX_NUMBER + 1,
        };
        let at_most = i32::try_from(limit + 1).unwrap_or(i32::MAX);
        let mut found = self.store.polls_before(session.id, before, at_most, self.clock.now()).await?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next_before = found.last().map(|last| last.id).filter(|_| has_more);
        let polls = self.poll_views(self.store.counted(found).await?, reader).await?;
        Ok(PollsResponse { polls, next_before })
    }

    /// A poll with a reader's vote.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Unavailable`].
    pub async fn poll(&self, id: HostedId, reader: &Caller) -> Result<PollView, ChatError> {
        let found = self.store.counted_polls(id.session_id(), vec![id.number()], self.clock.now()).await?;
        self.poll_views(found, reader).await?.pop().ok_or_else(no_such_poll)
    }

    /// The polls that a status shows: those that are open, then those that ended last.
    pub(crate) async fn shown_polls(
        &self,
        session_id: u64,
        polls: &Polls,
        reader: &Caller,
    ) -> Result<Vec<PollView>, ChatError> {
        let numbers = polls.open.iter().map(|open| open.number).chain(polls.ended.iter().copied()).collect();
        let found = self.store.counted_polls(session_id, numbers, self.clock.now()).await?;
        self.poll_views(found, reader).await
    }

    async fn poll_views(&self, polls: Vec<CountedPoll>, reader: &Caller) -> Result<Vec<PollView>, ChatError> {
        let (now, zone) = (self.clock.now(), &self.config.sessions.zone);
        let views = futures_util::stream::iter(polls).map(|CountedPoll { poll, votes }| async move {
            let own = self.store.vote_of(poll.id, &reader.user_id).await?;
            Ok(PollView::of(&poll, &votes, now, zone).with_vote(own))
        });
        views.buffered(CONCURRENT_READS).try_collect().await
    }
}
