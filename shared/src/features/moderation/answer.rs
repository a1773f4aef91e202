//! Marking a question as answered, or as open again (docs/contract.md, Questions).

use serde_json::json;

use super::act::named_actor;
use super::api::AnsweredResponse;
use super::plan::{Announced, Order};
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::fields::{Fields, invalid};
use crate::domain::moderation::request::{Act, ActionRequest};
use crate::features::chat::Chat;
use crate::features::standing::check::Deed;

/// Tries of an act while others mark the same question.
const MAX_TRIES: usize = 5;

impl Chat {
    /// Marks a question as the body says. One that is marked so already stays as it is, without another entry.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] that names the field; [`ChatError::NotFound`] for what is no question that everybody sees;
    /// [`ChatError::Forbidden`] for a sanctioned actor, or outside the token's sessions; [`ChatError::Unavailable`].
    pub async fn mark_answered(
        &self,
        actor: &Caller,
        message_id: MessageId,
        body: &[u8],
    ) -> Result<AnsweredResponse, ChatError> {
        let fields = Fields::parse(body)?;
        let answered = fields.required("answered")?.as_bool();
        let answered = answered.ok_or_else(|| invalid("answered must be true or false".to_owned()))?;
        let request = ActionRequest::with(Act::Answer { message_id, answered }, &fields)?;
        let session_id = message_id.session_id();
        let session = self.session_with_id(session_id).await.map_err(|error| match error {
            ChatError::NotFound(_) => ChatError::no_such_message(),
            other => other,
        })?;
        actor.require_session(&session)?;
        self.check_standing(Some(session_id), actor, Deed::Moderate).await?;
        let (actor_id, actor_name) = named_actor(actor, &request)?;
        let pseudonym = self.store.pseudonym_of(actor_id, actor_name).await?;
        let order = Order { actor, request: &request, session_id: Some(session_id), pseudonym };
        for _ in 0..MAX_TRIES {
            let question = self.visible_message(message_id, actor).await?;
            // A shadowed question is one for its author and staff, and the mark is for everybody.
            if !question.is_question() || question.is_shadowed() {
                return Err(ChatError::no_such_message());
            }
            if question.is_answered() == answered {
                return Ok(AnsweredResponse { message_id, answered });
            }
            let now = self.clock.now();
            let author = self.store.pseudonym_of(&question.user_id, Some(question.username())).await?;
            let mut plan = order.plan(Some(author), now);
            plan.entry.message_ids = vec![message_id];
            plan.entry.changes = Some(json!({ "answered": answered }));
            plan.rows = vec![self.store.mark_answered(message_id, answered, now)?];
            plan.announced = Some(Announced::Answered { message_id, answered });
            if self.carry_out(&plan, None).await?.is_some() {
                return Ok(AnsweredResponse { message_id, answered });
            }
        }
        Err(ChatError::unavailable("others keep marking this question"))
    }
}
