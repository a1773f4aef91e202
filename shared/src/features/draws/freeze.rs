//! The freeze: who is entered at this moment.
//!
//! It is a step of the act that starts the draw, and may be repeated: the first list that the draw names is the list.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};

use crate::domain::caller::Rank;
use crate::domain::draw::permutation::sorted_entrants;
use crate::domain::draw::person::Person;
use crate::domain::draw::stored::{Among, Asked, Draw};
use crate::domain::draw::view::State;
use crate::domain::error::ChatError;
use crate::domain::hosted_id::HostedId;
use crate::features::chat::Chat;

/// Tries while others change the draws of the session at the same time.
const MAX_TRIES: usize = 20;
/// Standings that are read at once.
const CONCURRENT_READS: usize = 16;

impl Chat {
    /// Freezes the list of a draw, unless it is frozen. A draw without entrants is cancelled.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn freeze_draw(&self, id: HostedId) -> Result<(), ChatError> {
        let now = self.clock.now();
        let session = self.session_with_id(id.session_id()).await?;
        let Some(draw) = self.store.draw(id, now).await?.filter(|draw| draw.state() == State::Freezing) else {
            return Ok(());
        };
        let entrants = sorted_entrants(id, self.entered(id.session_id(), &draw.asked).await?);
        let mut next = Draw { version: draw.version + 1, ..draw };
        if entrants.is_empty() {
            next.cancelled = true;
        } else {
            let list = format!("{:032x}", rand::random::<u128>());
            let expires_at = self.store.history_expires_at(&session, now);
            next.frozen = Some(self.store.put_entrants(id, list, &entrants, expires_at).await?);
        }
        for _ in 0..MAX_TRIES {
            let draws = self.store.draws_of_room(session.id).await?.with_changed(id.number());
            if self.store.change_draw(&session, &next, draws, now).await? {
                return Ok(());
            }
            // Another freeze was faster, or another draw has changed.
            if self.store.draw(id, now).await?.is_none_or(|draw| draw.state() != State::Freezing) {
                return Ok(());
            }
        }
        Err(ChatError::unavailable("others keep changing the draws of this session"))
    }

    /// The people whom a draw enters.
    async fn entered(&self, session_id: u64, asked: &Asked) -> Result<Vec<Person>, ChatError> {
        let now = self.clock.now();
        let mut people = match (asked.among, asked.poll_id) {
            (Among::Viewers, _) => self.store.viewers_with_sockets(session_id).await?,
            (Among::Senders, _) => self.store.senders(session_id, now).await?,
            (Among::Voters, Some(poll_id)) => self.store.voters(poll_id).await?,
            (Among::Voters, None) => Vec::new(),
        };
        // Read last: an act that was acknowledged before the freeze is in force.
        let mut apart = self.sanctioned(session_id).await?;
        apart.extend(asked.exclude.iter().cloned());
        people.retain(|person| !apart.contains(&person.user_id));
        Ok(people)
    }

    /// The users of whom a sanction holds in a session.
    async fn sanctioned(&self, session_id: u64) -> Result<BTreeSet<String>, ChatError> {
        let now = self.clock.now();
        let listed: BTreeSet<String> = self.store.sanctioned_users(now).await?.into_iter().collect();
        let reads = futures_util::stream::iter(listed)
            .map(|user_id| async move {
                let standing = self.store.standing(&user_id).await?;
                let holds = standing.sanction(Some(session_id), Rank::Everybody, now).is_some()
                    || (self.config.moderation.shadow && standing.shadows(Some(session_id), Rank::Everybody, now));
                Ok::<_, ChatError>(holds.then_some(user_id))
            })
            .buffer_unordered(CONCURRENT_READS);
        Ok(reads.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
    }
}
