//! Acts of a rule on a message, which nobody asked for in person: their entries name no actor.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde_json::Value;

use super::plan::Plan;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::entry::{ActorType, Pseudonym};
use crate::features::chat::Chat;

impl Chat {
    /// Changes rows on account of a message, and enters that into the log, in one transaction; `false` if a condition of a row did not
    /// hold. Staff hear of it.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub(crate) async fn act_by_rule(
        &self,
        action: &str,
        id: MessageId,
        author: Pseudonym,
        changes: Value,
        rows: Vec<TransactWriteItem>,
    ) -> Result<bool, ChatError> {
        let mut plan = Plan::of(ActorType::Automod, action, Some(id.session_id()), self.clock.now());
        plan.entry.target = Some(author);
        plan.entry.message_ids = vec![id];
        plan.entry.changes = Some(changes);
        plan.rows = rows;
        Ok(self.carry_out(&plan, None).await?.is_some())
    }
}
