//! Deleting one message of somebody else without the form of an action: `DELETE /live-chat/messages/{message_id}`.

use super::plan::Order;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::request::{Act, ActionRequest};
use crate::features::chat::Chat;

impl Chat {
    /// Deletes a message as the act `delete` does, with its entry in the same transaction; `false` if it is gone.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub(crate) async fn delete_with_entry(&self, actor: &Caller, id: MessageId) -> Result<bool, ChatError> {
        let request = ActionRequest::of(Act::Delete { message_ids: vec![id] });
        let pseudonym = self.store.pseudonym_of(&actor.user_id, Some(&actor.username)).await?;
        let order = Order { actor, request: &request, session_id: Some(id.session_id()), pseudonym };
        Ok(self.delete_lot(&order, vec![id], "").await?.is_some())
    }
}
