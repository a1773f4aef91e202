//! Dealing with the reports of a message: a hidden one is back, and none of its reports hides it again (docs/contract.md, Reports).

use super::api::ActionResponse;
use super::plan::Order;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::features::chat::Chat;

/// Tries of a dismissal whose message is hidden or deleted by others at the same time.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Deals with the reports of a message of the act's session.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if nobody has reported such a message, [`ChatError::Conflict`] if its reports are dealt with,
    /// [`ChatError::Unavailable`].
    pub(super) async fn dismiss_reports(&self, order: &Order<'_>, id: MessageId) -> Result<ActionResponse, ChatError> {
        if let Some(earlier) = self.earlier_act(order, "").await? {
            return self.view(earlier).await.map(ActionResponse::one);
        }
        if order.session_id != Some(id.session_id()) {
            return Err(ChatError::no_such_message());
        }
        for _ in 0..MAX_TRIES {
            let tally = self.store.tally(id).await?;
            let tally = tally.ok_or_else(|| ChatError::NotFound("Nobody has reported such a message".to_owned()))?;
            if tally.tally.dismissed {
                return Err(ChatError::Conflict("The reports of this message were dismissed before".to_owned()));
            }
            let now = self.clock.now();
            let mut rows = vec![self.store.dismiss_in_transaction(&tally)?];
            let hidden = self.store.hidden_message(id, now).await?;
            if let Some(message) = &hidden {
                // Before it happens, as with a deletion.
                self.store.note_old_change(message, now).await?;
                rows.push(self.store.show_in_transaction(id, now)?);
            }
            let author = self.store.pseudonym_of(&tally.user_id, None).await?;
            let plan = order.dismiss(id, author, tally.tally.reports, hidden.is_some(), rows, now);
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.view(entry).await.map(ActionResponse::one);
            }
        }
        Err(ChatError::unavailable("others keep changing this message"))
    }
}
