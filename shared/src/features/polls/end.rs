//! The end of polls: by time, by staff, and with their session.
//!
//! The result is final once every shard is closed, which each vote has as a condition. Each step may be repeated, so a crash anywhere
//! leaves what the broadcast or `housekeep` ends later.

use jiff::Timestamp;

use crate::domain::error::ChatError;
use crate::domain::hosted_id::HostedId;
use crate::domain::poll::state::Polls;
use crate::features::chat::Chat;

/// Tries of a change of a room's polls that others change at the same time.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Ends a poll: closes its shards, and stores its result, which the room hears of.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn end_poll(&self, id: HostedId) -> Result<(), ChatError> {
        let session = self.session_with_id(id.session_id()).await?;
        let mut counted = None;
        for _ in 0..MAX_TRIES {
            let polls = self.store.polls_of_room(session.id).await?;
            // A result and the room's polls change together.
            if !polls.has_open(id) {
                return Ok(());
            }
            let Some(poll) = self.store.poll(id, self.clock.now()).await? else {
                return Err(ChatError::unavailable("an open poll has no row"));
            };
            let votes = match counted.take() {
                Some(votes) => votes,
                None => self.store.close_tallies(&poll).await?,
            };
            if self.store.store_result(&session, id, &votes, &polls.with_ended(id.number())).await? {
                return Ok(());
            }
            counted = Some(votes);
        }
        Err(ChatError::unavailable("others keep changing the polls of this session"))
    }

    /// Ends the polls whose time is over, as far as a session's room knows them.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn end_due_polls(&self, session_id: u64, polls: &Polls, now: Timestamp) -> Result<(), ChatError> {
        for number in polls.due_at(now) {
            self.end_poll(HostedId::new(session_id, number)).await?;
        }
        Ok(())
    }

    /// Ends all polls of a session that is about to end. From then on none can be started: a start that is under way finds its condition
    /// refused, or, if it is the session's first, the session over.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn end_polls(&self, session_id: u64) -> Result<(), ChatError> {
        let session = self.session_with_id(session_id).await?;
        for _ in 0..MAX_TRIES {
            let polls = self.store.polls_of_room(session_id).await?;
            if polls.version == 0 {
                return Ok(());
            }
            if polls.closed || self.store.change_polls(&session, &polls.with_session_closed()).await? {
                for open in &polls.open {
                    self.end_poll(HostedId::new(session_id, open.number)).await?;
                }
                return Ok(());
            }
        }
        Err(ChatError::unavailable("others keep changing the polls of this session"))
    }
}
