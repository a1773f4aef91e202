//! Reacting: the standing, the rate, and one count.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::reactions::set::ReactionCounts;
use crate::domain::reactions::state::ReactionsState;
use crate::domain::session::{Head, Session};
use crate::features::chat::Chat;
use crate::features::reactions::api::ReactResponse;
use crate::features::standing::check::Deed;
use crate::platform::dynamo::calls::Consistency;

impl Chat {
    /// Counts reactions, and answers with them.
    ///
    /// # Errors
    /// Those of [`Chat::count_reactions`].
    pub async fn react(
        &self,
        session: &Session,
        caller: &Caller,
        reactions: ReactionCounts,
    ) -> Result<ReactResponse, ChatError> {
        self.count_reactions(session, caller, &reactions).await?;
        Ok(ReactResponse { message: "Reactions counted", reactions })
    }

    /// Whether reactions are counted that no flush has told yet. An eventually consistent look at the shards may be a moment late.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub(crate) async fn has_untold_reactions(&self, head: &Head, consistency: Consistency) -> Result<bool, ChatError> {
        if self.config.sessions.reactions.is_empty() {
            return Ok(false);
        }
        let totals = self.store.reaction_totals(head.session.id, consistency).await?;
        Ok(totals.values().sum::<u64>() > ReactionsState::of(head).unwrap_or_default().sum)
    }

    /// Counts reactions.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::RateLimited`] beyond 20 a second, [`ChatError::Unavailable`]. Only
    /// the last one leaves open whether they count.
    pub async fn count_reactions(
        &self,
        session: &Session,
        caller: &Caller,
        reactions: &ReactionCounts,
    ) -> Result<(), ChatError> {
        self.check_standing(Some(session.id), caller, Deed::TakePart).await?;
        let now = self.clock.now();
        if let Err(retry_after) = self.store.admit_reactions(&caller.user_id, reactions.sum(), now).await? {
            let detail = "At most 20 reactions a second are allowed: wait a moment".to_owned();
            return Err(ChatError::RateLimited { detail, retry_after });
        }
        Ok(self.store.count_reactions(session, &caller.user_id, reactions).await?)
    }
}
