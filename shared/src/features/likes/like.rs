//! Liking a session and its messages, and taking a like back: each user counts once. Reading the likes costs one query and one point
//! read.

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::likes::api::{
    LikeMessageResponse, LikeResponse, LikesResponse, UnlikeMessageResponse, UnlikeResponse,
};
use crate::features::likes::store::{LikeOutcome, UnlikeOutcome};
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

impl Chat {
    /// The likes of a session, and whether one of them is the caller's.
    ///
    /// # Errors
    /// Those of [`Chat::session_to_read`].
    pub async fn likes(&self, addressed: Addressed<'_>, caller: &Caller) -> Result<LikesResponse, ChatError> {
        let session = self.session_to_read(addressed, caller).await?;
        let (head, user_liked) = tokio::try_join!(self.head(&session), async {
            Ok(self.store.user_likes_session(session.id, &caller.user_id).await?)
        })?;
        Ok(LikesResponse {
            total_likes: head.total_likes,
            session_id: session.id,
            session_name: session.name,
            user_liked,
        })
    }

    /// Likes a session.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::Unavailable`].
    pub async fn like_session(&self, session: &Session, caller: &Caller) -> Result<LikeResponse, ChatError> {
        self.check_standing(Some(session.id), caller, Deed::TakePart).await?;
        let liked = self.store.like_session(session, &caller.user_id, self.clock.now()).await?;
        let already_liked = liked != LikeOutcome::Counted;
        let message = if already_liked { "Session already liked" } else { "Session liked successfully" };
        Ok(LikeResponse { message, total_likes: self.head(session).await?.total_likes, already_liked })
    }

    /// Likes a message of a session.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if the session has no such message, [`ChatError::Banned`], [`ChatError::TimedOut`],
    /// [`ChatError::Unavailable`].
    pub async fn like_message(
        &self,
        session: &Session,
        id: MessageId,
        caller: &Caller,
    ) -> Result<LikeMessageResponse, ChatError> {
        must_be_in(session, id)?;
        self.check_standing(Some(session.id), caller, Deed::TakePart).await?;
        self.refuse_covered(id, caller).await?;
        let already_liked = match self.store.like_message(session, id, &caller.user_id, self.clock.now()).await? {
            LikeOutcome::Counted => false,
            LikeOutcome::Repeated => true,
            LikeOutcome::NotFound => return Err(ChatError::no_such_message()),
        };
        let message = if already_liked { "Message already liked" } else { "Message liked successfully" };
        Ok(LikeMessageResponse { message, likes: self.likes_of(id, caller).await?, already_liked, message_id: id })
    }

    /// Takes back the caller's like of a session.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn unlike_session(&self, session: &Session, caller: &Caller) -> Result<UnlikeResponse, ChatError> {
        let was_liked = self.store.unlike_session(session, &caller.user_id).await? == UnlikeOutcome::TakenBack;
        let message = if was_liked { "Session like removed" } else { "Session was not liked" };
        Ok(UnlikeResponse { message, total_likes: self.head(session).await?.total_likes, was_liked })
    }

    /// Takes back the caller's like of a message of a session.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if the session has no such message, [`ChatError::Unavailable`].
    pub async fn unlike_message(
        &self,
        session: &Session,
        id: MessageId,
        caller: &Caller,
    ) -> Result<UnlikeMessageResponse, ChatError> {
        must_be_in(session, id)?;
        self.refuse_covered(id, caller).await?;
        let was_liked = match self.store.unlike_message(id, &caller.user_id, self.clock.now()).await? {
            UnlikeOutcome::TakenBack => true,
            UnlikeOutcome::NotLiked => false,
            UnlikeOutcome::NotFound => return Err(ChatError::no_such_message()),
        };
        let message = if was_liked { "Message like removed" } else { "Message was not liked" };
        Ok(UnlikeMessageResponse { message, likes: self.likes_of(id, caller).await?, was_liked, message_id: id })
    }

    /// The likes of a message, which may have been deleted meanwhile. Notes that they changed.
    async fn likes_of(&self, id: MessageId, caller: &Caller) -> Result<u64, ChatError> {
        let message = self.store.message_for(id, caller, self.clock.now()).await?;
        let message = message.ok_or_else(ChatError::no_such_message)?;
        // After the change, because the message is read here in any case. Without an answer, a client repeats its call, which comes
        // here again: each acknowledged change is noted.
        self.store.note_old_change(&message, self.clock.now()).await?;
        if message.is_question() {
            self.store.note_votes(id, message.likes()).await?;
        }
        Ok(message.likes())
    }
}

fn must_be_in(session: &Session, id: MessageId) -> Result<(), ChatError> {
    if id.session_id() == session.id { Ok(()) } else { Err(ChatError::no_such_message()) }
}
