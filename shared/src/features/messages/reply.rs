//! Replying to a message: whether the author of a reply may see its parent (docs/contract.md, Replies and mentions).

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::Draft;
use crate::domain::session::Session;
use crate::features::chat::Chat;

impl Chat {
    /// Refuses a reply to a message that its author does not see in this session. Returns whether nobody but the author and staff may see
    /// the reply either, because the parent is shadowed: to all others there is no such message, and a reply would tell of it. The parent may
    /// be deleted a moment later, which is no harm: a reply stores nothing of it.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] for a parent of another session, one that is deleted, hidden or covered, and one that is shadowed but not of
    /// the author; [`ChatError::Unavailable`].
    pub(super) async fn shadows_reply(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
    ) -> Result<bool, ChatError> {
        let Some(parent_id) = draft.reply_to else { return Ok(false) };
        if parent_id.session_id() != session.id {
            return Err(ChatError::no_such_message());
        }
        let parent = self.visible_message(parent_id, author).await?;
        let may_be_shadowed = self.config.moderation.shadow && parent.user_id == author.user_id;
        if parent.is_shadowed() && !may_be_shadowed {
            return Err(ChatError::no_such_message());
        }
        Ok(parent.is_shadowed())
    }

    /// Whether a message of this author replies to one that nobody but the author and staff sees.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub(crate) async fn replies_to_shadowed(&self, author: &Caller, draft: &Draft) -> Result<bool, ChatError> {
        let Some(parent_id) = draft.reply_to else { return Ok(false) };
        let parent = self.store.message_for(parent_id, author, self.clock.now()).await?;
        Ok(parent.is_some_and(|parent| parent.is_shadowed()))
    }
}
