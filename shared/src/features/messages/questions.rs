//! The questions of a session, by votes or by age.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::page::{OwnLikes, QuestionOrder};
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::messages::api::{PageMessage, QuestionsResponse};
use crate::features::messages::stored_message::StoredMessage;

/// Questions of an answer.
const MAX_QUESTIONS: usize = 100;
/// Questions that stand and are read for it, because others may have got more votes meanwhile.
const MAX_READ: usize = 200;
/// Messages that are read at once.
const CONCURRENT_READS: usize = 25;

impl Chat {
    /// The questions of a session that a reader sees.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn questions(
        &self,
        session: &Session,
        order: QuestionOrder,
        own_likes: OwnLikes,
        reader: &Caller,
    ) -> Result<QuestionsResponse, ChatError> {
        // What is covered is read first: a purge that was acknowledged before this request is part of it.
        let (covers, mut listed) =
            tokio::try_join!(self.store.covers(session.id), self.store.listed_questions(session.id))?;
        if order == QuestionOrder::Likes {
            listed.sort_by_key(|question| (std::cmp::Reverse(question.votes), question.seq));
        }
        let now = self.clock.now();
        let is_shown = |question: &StoredMessage| !covers.hides(&question.user_id, question.id().seq());
        let mut questions: Vec<StoredMessage> = futures_util::stream::iter(listed)
            .map(|question| self.store.message_for(MessageId::new(session.id, question.seq), reader, now))
            .buffered(CONCURRENT_READS)
            .try_filter_map(|question| std::future::ready(Ok(question.filter(is_shown))))
            .take(MAX_READ)
            .try_collect()
            .await?;
        if order == QuestionOrder::Likes {
            questions.sort_by_key(|question| (std::cmp::Reverse(question.likes()), question.id()));
        }
        questions.truncate(MAX_QUESTIONS);
        let questions = self.store.quoting(questions, now).await?;
        let liked = match own_likes {
            OwnLikes::Omit => None,
            OwnLikes::Tell => Some(self.votes_of(session, &questions, reader).await?),
        };
        let zone = &self.config.sessions.zone;
        let questions = questions.into_iter().map(|question| PageMessage {
            user_liked: liked.as_ref().map(|liked| liked.contains(&question.id().seq())),
            message: question.into_wire_for(reader, zone),
        });
        Ok(QuestionsResponse { questions: questions.collect(), session_id: session.id })
    }

    /// The numbers of those of these questions for which a user has voted.
    async fn votes_of(
        &self,
        session: &Session,
        questions: &[StoredMessage],
        user: &Caller,
    ) -> Result<BTreeSet<u64>, ChatError> {
        let numbers = || questions.iter().map(|question| question.id().seq());
        let (Some(first), Some(last)) = (numbers().min(), numbers().max()) else { return Ok(BTreeSet::new()) };
        Ok(self.store.liked_between(session.id, &user.user_id, first, last).await?)
    }
}
