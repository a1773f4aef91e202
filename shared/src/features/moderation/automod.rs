//! Acts of the chat itself: the timeout of an author whose messages were refused too often.

use std::time::Duration;

use serde_json::json;

use super::plan::{Plan, StandingChange};
use crate::domain::caller::{Caller, Rank};
use crate::domain::error::ChatError;
use crate::domain::moderation::entry::ActorType;
use crate::domain::moderation::standing::{Sanction, SanctionKind, Scope};
use crate::domain::session::Session;
use crate::features::chat::Chat;

/// Tries of an act whose user's standing is changed by others at the same time.
const MAX_TRIES: usize = 20;
const REASON: &str = "Too many refused messages";

impl Chat {
    /// Puts an author into a timeout for too many refused messages. A ban or a longer timeout stays as it is.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub(crate) async fn strike_out(
        &self,
        session: &Session,
        author: &Caller,
        timeout: Duration,
    ) -> Result<(), ChatError> {
        let target = self.store.pseudonym_of(&author.user_id, Some(&author.username)).await?;
        for _ in 0..MAX_TRIES {
            let (now, (standing, kept)) = (self.clock.now(), self.standing_to_change(&author.user_id).await?);
            let until_ms = now.as_millisecond() + timeout.as_millis() as i64;
            let holds = standing.sanction(Some(session.id), Rank::Everybody, now);
            if holds.is_some_and(|sanction| sanction.until_ms.is_none_or(|until| until >= until_ms)) {
                return Ok(());
            }
            let mut plan = Plan::of(ActorType::Automod, "timeout", Some(session.id), now);
            plan.entry.target = Some(target.clone());
            plan.entry.until_ms = Some(until_ms);
            plan.entry.changes = Some(json!({ "delete_messages": false }));
            plan.text.reason = Some(REASON.to_owned());
            plan.tells_user = true;
            let sanction = Sanction {
                kind: SanctionKind::Timeout,
                scope: Scope::All,
                until_ms: Some(until_ms),
                rank: Rank::Moderator,
                reference: plan.entry.id.clone(),
                explanation: Some(REASON.to_owned()),
                automated: true,
            };
            let next = standing.clone().with(sanction, now);
            let (user_id, username) = (author.user_id.clone(), Some(author.username.clone()));
            let change = StandingChange { user_id, username, read_version: standing.version, next };
            plan.change_standing(&standing, change);
            plan.rows.extend(kept);
            // Nobody waits for an answer, so what this author has under way may pass: the next send reads the standing.
            if self.carry_out(&plan, None).await?.is_some() {
                return Ok(());
            }
        }
        Err(ChatError::unavailable("others keep changing the standing of this user"))
    }
}
