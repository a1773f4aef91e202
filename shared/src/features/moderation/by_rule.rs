//! Acts of a rule, which nobody asked for in person: their entries name no actor.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde_json::Value;

use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::notice::Notice;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{ActorType, Entry, EntryText, Pseudonym};
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::platform::dynamo::calls::TransactionOutcome;

impl Chat {
    /// Changes rows on account of a message, and enters that into the log, in one transaction; `false` if a condition of a row did not
    /// hold. Staff hear of it.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn act_by_rule(
        &self,
        action: &str,
        id: MessageId,
        author: Pseudonym,
        changes: Value,
        mut rows: Vec<TransactWriteItem>,
    ) -> Result<bool, ChatError> {
        let (now, session_id) = (self.clock.now(), id.session_id());
        let entry = Entry {
            id: ActionId::at(now),
            action: action.to_owned(),
            actor: Pseudonym::of_nobody(),
            actor_type: ActorType::Automod,
            session_id: Some(session_id),
            target: Some(author),
            message_ids: vec![id],
            until_ms: None,
            changes: Some(changes),
        };
        rows.extend(self.store.put_entry(&entry, self.store.entry_expires_at(now))?);
        let view = self.view_with(entry, EntryText::default()).await?;
        let view = serde_json::to_value(view).map_err(ChatError::unavailable)?;
        let frame = ServerFrame::ModerationAction { action: &view };
        rows.push(self.store.notice(session_id, &Notice::new(Audience::Staff, &frame, now, rand::random()), now)?);
        Ok(matches!(self.store.transact(rows).await?, TransactionOutcome::Done))
    }
}
