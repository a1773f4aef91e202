//! Deleting a message, by its author, a host or a moderator.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::messages::api::DeleteMessageResponse;

impl Chat {
    /// Deletes a message of a session.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if there is no such message (any more), [`ChatError::Forbidden`], [`ChatError::Unavailable`].
    pub async fn delete_message(
        &self,
        session: &Session,
        id: MessageId,
        caller: &Caller,
    ) -> Result<DeleteMessageResponse, ChatError> {
        if id.session_id() != session.id {
            return Err(ChatError::no_such_message());
        }
        let message = match caller.is_staff() {
            true => self.uncovered_message(id).await?,
            false => self.visible_message(id, caller).await?,
        };
        if !caller.may_delete_message_of(&message.user_id) {
            return Err(ChatError::Forbidden("Only its author or a moderator may delete a message".to_owned()));
        }
        // Before the deletion: what is noted in vain does no harm, a deletion that is not noted may stay untold.
        self.store.note_old_change(&message, self.clock.now()).await?;
        if !self.store.delete_message(id, self.clock.now()).await? {
            return Err(ChatError::no_such_message());
        }
        Ok(DeleteMessageResponse { message: "Message deleted", message_id: id })
    }
}
