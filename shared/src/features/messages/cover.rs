//! Whether a caller may see a message: it exists, and no purge or clear covers it.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::features::chat::Chat;
use crate::features::messages::stored_message::StoredMessage;

impl Chat {
    /// A message that this reader may see.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if there is no such message (any more), [`ChatError::Unavailable`].
    pub async fn visible_message(&self, id: MessageId, reader: &Caller) -> Result<StoredMessage, ChatError> {
        let (covers, message) =
            tokio::try_join!(self.store.covers(id.session_id()), self.store.message_for(id, reader, self.clock.now()))?;
        let visible = message.filter(|message| !covers.hides(&message.user_id, id.seq()));
        visible.ok_or_else(ChatError::no_such_message)
    }

    /// A message that is not covered, as staff see it: it may be hidden.
    ///
    /// # Errors
    /// Those of [`Chat::visible_message`].
    pub async fn uncovered_message(&self, id: MessageId) -> Result<StoredMessage, ChatError> {
        let (covers, message) =
            tokio::try_join!(self.store.covers(id.session_id()), self.store.kept_message(id, self.clock.now()))?;
        let uncovered = message.filter(|message| !covers.hides(&message.user_id, id.seq()));
        uncovered.ok_or_else(ChatError::no_such_message)
    }

    /// Refuses a message that is covered. One that does not exist is left to the caller: so nothing but the row of all acts is read,
    /// unless somebody was purged after this number.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Unavailable`].
    pub async fn refuse_covered(&self, id: MessageId, reader: &Caller) -> Result<(), ChatError> {
        match self.store.covers(id.session_id()).await?.may_hide(id.seq()) {
            true => self.visible_message(id, reader).await.map(drop),
            false => Ok(()),
        }
    }
}
