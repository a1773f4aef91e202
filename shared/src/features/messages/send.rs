//! Sending a message: within the rate limit, stored exactly once, acknowledged once it is stored.

use super::admit::{Admittance, Gate};
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::{ClientMessageId, Draft};
use crate::domain::moderation::standing::Standing;
use crate::domain::receipt::SendReceipt;
use crate::domain::session::Session;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::messages::review::Reviewed;
use crate::features::messages::store_receipts::{Earlier, Receipt};
use crate::features::messages::store_send::StoreOutcome;
use crate::features::sessions::store_seq::SeqAllocation;
use crate::features::standing::check::Deed;
use crate::platform::dynamo::StoreError;

/// Numbers that a send may allocate. It needs another one if the broadcast settled its number as void.
const MAX_ALLOCATIONS: usize = 20;

impl Chat {
    /// Sends a message or an announcement to a session.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::RateLimited`], [`ChatError::Rule`], [`ChatError::NotFound`] if the
    /// author sees no message to which this one replies, [`ChatError::ChatNotActive`] if the session closes meanwhile,
    /// [`ChatError::Unavailable`].
    pub async fn send(&self, session: &Session, author: &Caller, draft: &Draft) -> Result<SendReceipt, ChatError> {
        // The rules are captured before the standing is read: an act in between changes them, and the number is refused.
        let mut rules = self.rules.of(session.id);
        let (earlier, standing, resembles_staff) = tokio::try_join!(
            self.earlier_send(session, author, draft.client_message_id.as_ref()),
            self.standing(&author.user_id),
            async { Ok(draft.announcement.is_none() && self.resembles_staff(session.id, author).await) }
        )?;
        if let Some(earlier) = earlier {
            return self.duplicate(earlier);
        }
        let deed = if draft.announcement.is_some() { Deed::Moderate } else { Deed::TakePart };
        self.judge_standing(&standing, Some(session.id), author, deed)?;
        let mut shadows_author = self.is_shadowed(&standing, session, author);
        let draft = &Draft { resembles_staff, ..draft.clone() };
        let key = draft.client_message_id.as_ref();
        let mut admittance = loop {
            let (judged_by, judged) = self.judge_by_known(session, author, draft, rules).await?;
            if judged_by.version != rules.version {
                // An act that came in between may concern the author.
                let standing = self.check_standing(Some(session.id), author, deed).await?;
                shadows_author = self.is_shadowed(&standing, session, author);
                rules = judged_by;
            }
            match self.admit(session, author, key, judged).await {
                Ok(Gate::Granted(admittance)) => break admittance,
                Ok(Gate::Duplicate(earlier)) => return self.duplicate(earlier),
                Err(refusal @ ChatError::RateLimited { .. }) => {
                    // A limit that holds no more must refuse nobody.
                    let in_force = self.store.rules(session.id).await?;
                    if in_force.version == rules.version {
                        return Err(refusal);
                    }
                    self.rules.note(session.id, in_force);
                    let standing = self.check_standing(Some(session.id), author, deed).await?;
                    shadows_author = self.is_shadowed(&standing, session, author);
                    rules = in_force;
                }
                Err(error) => return Err(error),
            }
        };
        let mut shadows_reply = match self.shadows_reply(session, author, draft).await {
            Ok(shadows_reply) => shadows_reply,
            Err(refusal) => return self.refuse_reply(session, author, key, &admittance, refusal).await,
        };
        // Once, in the form that the list of terms leaves: rules that change meanwhile judge what the author sent.
        let changes = match self.reviewed(session, author, &admittance.judged().draft(draft)).await {
            Ok(Reviewed::Passed(changes)) => changes,
            Ok(Reviewed::Held(receipt)) => return Ok(receipt),
            Ok(Reviewed::Earlier(earlier)) => return self.duplicate(earlier),
            Err(refusal) => {
                self.let_write_on(author, &admittance).await?;
                return Err(refusal);
            }
        };
        for _ in 0..MAX_ALLOCATIONS {
            let (shown_author, judged_draft) = (admittance.judged().author(author), admittance.judged().draft(draft));
            let (stored_author, stored_draft) = changes.applied_to(&shown_author, &judged_draft);
            if let Some(reason) = admittance.hold() {
                return self.hold(session, &stored_author, &stored_draft, reason).await;
            }
            let now = self.clock.now();
            let seq = match self.store.allocate_seq(session, rules, now).await? {
                SeqAllocation::Allocated(seq) => seq,
                SeqAllocation::RulesChanged(in_force) => {
                    self.rules.note(session.id, in_force);
                    rules = in_force;
                    let standing = self.check_standing(Some(session.id), author, deed).await?;
                    shadows_author = self.is_shadowed(&standing, session, author);
                    shadows_reply = match self.shadows_reply(session, author, draft).await {
                        Ok(shadows_reply) => shadows_reply,
                        Err(refusal) => return self.refuse_reply(session, author, key, &admittance, refusal).await,
                    };
                    let judged = self.judge(session, author, draft, &rules).await?;
                    admittance = self.admit_again(session, author, key, admittance, judged).await?;
                    continue;
                }
                SeqAllocation::Closed => return Err(ChatError::session_over()),
                SeqAllocation::Full => return Err(self.slow_down(author, admittance).await?),
            };
            let shadowed = shadows_author || shadows_reply || admittance.judged().shadowed || changes.shadows;
            let stored = match shadowed {
                true => self.store.store_shadowed(session, seq, &stored_author, &stored_draft, now).await?,
                false => self.store.store_message(session, seq, &stored_author, &stored_draft, now).await?,
            };
            match stored {
                StoreOutcome::Stored(receipt) => return Ok(self.receipt(receipt, false)),
                StoreOutcome::SeqIsVoid => {}
                StoreOutcome::Duplicate => {
                    // Nothing will be stored under this number. Voiding it at once spares the broadcast the wait for it.
                    self.store.void_seq(session, seq, now).await?;
                    break;
                }
            }
        }
        match self.earlier_send(session, author, draft.client_message_id.as_ref()).await? {
            Some(earlier) => self.duplicate(earlier),
            None => Err(ChatError::unavailable("every allocated number became void")),
        }
    }

    /// Refuses a reply: its parent cannot be answered. A copy of it that was stored meanwhile answers for it, whatever became of the parent.
    async fn refuse_reply(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
        admittance: &Admittance,
        refusal: ChatError,
    ) -> Result<SendReceipt, ChatError> {
        if let Some(earlier) = self.earlier_send(session, author, key).await? {
            return self.duplicate(earlier);
        }
        self.let_write_on(author, admittance).await?;
        Err(refusal)
    }

    /// Whether nobody but the author and staff sees what the author writes.
    fn is_shadowed(&self, standing: &Standing, session: &Session, author: &Caller) -> bool {
        self.config.moderation.shadow && standing.shadows(Some(session.id), author.rank(), self.clock.now())
    }

    /// What became of the author's earlier send under this key.
    async fn earlier_send(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
    ) -> Result<Option<Earlier>, StoreError> {
        let Some(key) = key else { return Ok(None) };
        self.store.earlier_send(session.id, &author.user_id, key).await
    }

    /// Answers a send as the earlier one under the same key was answered.
    fn duplicate(&self, earlier: Earlier) -> Result<SendReceipt, ChatError> {
        Ok(self.receipt(earlier.receipt()?, true))
    }

    fn receipt(&self, receipt: Receipt, duplicate: bool) -> SendReceipt {
        let created_at = time::to_the_millisecond(receipt.created, &self.config.sessions.zone);
        SendReceipt { outcome: receipt.outcome, created_at, duplicate }
    }
}
