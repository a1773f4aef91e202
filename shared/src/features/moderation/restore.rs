//! Taking back what an act took: a purge, a clear, a sanction with `delete_messages`, or the deletion of single messages
//! (docs/contract.md, Moderation).

use futures_util::{StreamExt, TryStreamExt};

use super::api::ActionResponse;
use super::plan::Order;
use crate::domain::caller::Caller;
use crate::domain::cover::RESTORABLE;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::Entry;
use crate::domain::moderation::kept::Fate;
use crate::features::chat::Chat;

/// Tries of a restoration whose messages are changed by others at the same time.
const MAX_TRIES: usize = 20;
/// Messages that are read at once.
const CONCURRENT_READS: usize = 8;

impl Chat {
    /// Takes an act back.
    pub(super) async fn restore(&self, order: &Order<'_>, id: &ActionId) -> Result<ActionResponse, ChatError> {
        if let Some(earlier) = self.earlier_act(order, "").await? {
            return self.view(earlier).await.map(ActionResponse::one);
        }
        let earlier = self.restorable(order.actor, id).await?;
        match earlier.action.as_str() {
            "delete" => self.undelete(order, &earlier).await,
            _ => self.act_at_once(order, order.restore(&earlier, self.clock.now())).await,
        }
    }

    /// An act that took messages and can be taken back.
    async fn restorable(&self, actor: &Caller, id: &ActionId) -> Result<Entry, ChatError> {
        let now = self.clock.now();
        let entry = self.store.entry(id, now).await?;
        let entry = entry.ok_or_else(|| ChatError::NotFound("There is no such action".to_owned()))?;
        let Some(session_id) = entry.session_id.filter(|_| entry.takes_messages()) else {
            return Err(ChatError::Conflict("This action took no messages that can be restored".to_owned()));
        };
        actor.require_session(&self.session_with_id(session_id).await?)?;
        if id.time() < now - RESTORABLE {
            return Err(ChatError::Conflict("Messages can be restored for 24 hours".to_owned()));
        }
        Ok(entry)
    }

    /// Lets the messages stand again that an act has deleted: those that nothing else has changed since.
    async fn undelete(&self, order: &Order<'_>, earlier: &Entry) -> Result<ActionResponse, ChatError> {
        for _ in 0..MAX_TRIES {
            let messages = self.deleted_by(earlier).await?;
            if messages.is_empty() {
                return Err(ChatError::Conflict("None of these messages can be restored any more".to_owned()));
            }
            let now = self.clock.now();
            let mut plan = order.undelete(earlier, messages.iter().map(|(id, _)| *id).collect(), now);
            for (id, fate) in &messages {
                let row = self.store.undelete_message_in_transaction(*id, fate, &plan.entry.id, now)?;
                plan.rows.push(row);
            }
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.view(entry).await.map(ActionResponse::one);
            }
        }
        Err(ChatError::unavailable("others keep changing these messages"))
    }

    /// Those of an act's messages whose deletion can be taken back. The change of an old one is noted before it happens, so that the
    /// broadcast finds it.
    async fn deleted_by(&self, act: &Entry) -> Result<Vec<(MessageId, Fate)>, ChatError> {
        let looking = futures_util::stream::iter(act.message_ids.clone()).map(|id| async move {
            let now = self.clock.now();
            let kept = self.store.message_for_staff(id, now).await?;
            let Some(kept) = kept.filter(|kept| kept.fate.is_undone_with(&act.id)) else { return Ok(None) };
            let Some(message) = &kept.message else { return Ok(None) };
            self.store.note_old_change(message, now).await?;
            Ok::<_, ChatError>(Some((id, kept.fate)))
        });
        let found: Vec<Option<(MessageId, Fate)>> = looking.buffered(CONCURRENT_READS).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}
