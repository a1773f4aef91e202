//! What the review handler's verdict does to a send (docs/contract.md, Review handler).

use std::borrow::Cow;

use crate::domain::caller::{Attributes, Caller};
use crate::domain::error::ChatError;
use crate::domain::message::Draft;
use crate::domain::moderation::held::HoldReason;
use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::moderation::review::ReviewVerdict;
use crate::domain::receipt::SendReceipt;
use crate::domain::session::Session;
use crate::domain::text::message_text::MessageText;
use crate::features::chat::Chat;
use crate::features::messages::store_receipts::Earlier;

/// A send after its review.
pub(super) enum Reviewed {
    /// It goes on.
    Passed(Changes),
    /// It waits for a decision of staff.
    Held(SendReceipt),
    /// Another send with the same key has become something else meanwhile.
    Earlier(Earlier),
}

/// What the handler changes in a message.
#[derive(Default)]
pub(super) struct Changes {
    text: Option<MessageText>,
    attributes: Option<Attributes>,
    /// Whether nobody but its author and staff sees it.
    pub(super) shadows: bool,
}

impl Changes {
    /// The author and the message as they are stored.
    pub(super) fn applied_to<'a>(&self, author: &'a Caller, draft: &'a Draft) -> (Cow<'a, Caller>, Cow<'a, Draft>) {
        let author = match &self.attributes {
            Some(attributes) => Cow::Owned(Caller { attributes: attributes.clone(), ..author.clone() }),
            None => Cow::Borrowed(author),
        };
        let draft = match &self.text {
            Some(text) => Cow::Owned(draft.rewritten(text)),
            None => Cow::Borrowed(draft),
        };
        (author, draft)
    }
}

impl Chat {
    /// Has a message reviewed, unless it is an announcement. A denial is kept under its `client_message_id`, so that a retry is not judged again.
    ///
    /// # Errors
    /// [`ChatError::Rule`] for a message that must not be seen, [`ChatError::Unavailable`] if its denial cannot be kept, those of
    /// [`Chat::hold`].
    pub(super) async fn reviewed(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
    ) -> Result<Reviewed, ChatError> {
        if draft.announcement.is_some() {
            return Ok(Reviewed::Passed(Changes::default()));
        }
        match self.review(session, author, draft).await {
            ReviewVerdict::Allow { text, attributes } => {
                Ok(Reviewed::Passed(Changes { text, attributes, shadows: false }))
            }
            ReviewVerdict::Deny { reason } => {
                self.refuse_for_good(session, author, draft, reason).await.map(Reviewed::Earlier)
            }
            ReviewVerdict::Hold => self.hold(session, author, draft, HoldReason::Review).await.map(Reviewed::Held),
            ReviewVerdict::Shadow if self.config.moderation.shadow => {
                Ok(Reviewed::Passed(Changes { shadows: true, ..Changes::default() }))
            }
            // Nobody else may see it.
            ReviewVerdict::Shadow => self.refuse_for_good(session, author, draft, None).await.map(Reviewed::Earlier),
        }
    }

    /// Refuses a message for good, unless another send with the same key has become something else.
    async fn refuse_for_good(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
        reason: Option<String>,
    ) -> Result<Earlier, ChatError> {
        if let Some(key) = &draft.client_message_id {
            let now = self.clock.now();
            let is_first = self.store.keep_denial(session.id, &author.user_id, key, reason.as_deref(), now).await?;
            if !is_first && let Some(earlier) = self.store.earlier_send(session.id, &author.user_id, key).await? {
                return Ok(earlier);
            }
        }
        Err(RuleRefusal::ReviewDenied { reason }.into())
    }
}
