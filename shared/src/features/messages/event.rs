//! Sending a host's event: within the rate limit, stored exactly once, acknowledged once it is stored (docs/contract.md, Events).

use super::api::SendEventResponse;
use super::store_event::EventReceipt;
use super::store_send::StoreOutcome;
use crate::domain::caller::Caller;
use crate::domain::custom_event::EventDraft;
use crate::domain::error::ChatError;
use crate::domain::session::Session;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::sessions::store_seq::SeqAllocation;
use crate::features::standing::check::Deed;

/// Numbers that an event may allocate. It needs another one if the broadcast settled its number as void.
const MAX_ALLOCATIONS: usize = 20;

impl Chat {
    /// Sends an event to a session.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::Forbidden`] for a sender under a shadow ban, [`ChatError::RateLimited`],
    /// [`ChatError::ChatNotActive`] if the session closes meanwhile, [`ChatError::Unavailable`].
    pub async fn send_event(
        &self,
        session: &Session,
        sender: &Caller,
        event: &EventDraft,
    ) -> Result<SendEventResponse, ChatError> {
        // As for a message, the rules are captured before the standing is read: an act in between refuses the number.
        let mut rules = self.store.rules(session.id).await?;
        let (earlier, standing) = tokio::try_join!(
            self.store.earlier_event(session.id, &sender.user_id, event),
            self.standing(&sender.user_id)
        )?;
        if let Some(earlier) = earlier {
            return Ok(self.event_response(session, &earlier, true));
        }
        self.judge_standing(&standing, Some(session.id), sender, Deed::Moderate)?;
        let key = event.client_event_id.as_ref();
        let admittance = self.admit_event(session, sender, key, rules.limits).await?;
        for _ in 0..MAX_ALLOCATIONS {
            let now = self.clock.now();
            let (allocation, mark) = self.store.allocate_marked_seq(session, rules, now).await?;
            let seq = match allocation {
                SeqAllocation::Allocated(seq) => seq,
                SeqAllocation::RulesChanged(in_force) => {
                    rules = in_force;
                    self.check_standing(Some(session.id), sender, Deed::Moderate).await?;
                    continue;
                }
                SeqAllocation::Closed => return Err(ChatError::session_over()),
                SeqAllocation::Full => return Err(self.slow_down(sender, admittance).await?),
            };
            match self.store.store_event(session, seq, &sender.user_id, event, now).await? {
                StoreOutcome::Stored(receipt) => {
                    // It is stored. A mark that stays says nothing about a number that has a row.
                    if let Err(error) = self.store.remove_mark(session.id, &mark).await {
                        tracing::warn!(%error, message.seq = seq, "the mark of an event's number stays");
                    }
                    return Ok(self.event_response(session, &receipt, false));
                }
                StoreOutcome::SeqIsVoid => {}
                StoreOutcome::Duplicate => {
                    // Nothing will be stored under this number. Voiding it at once spares the broadcast the wait for it.
                    self.store.void_seq(session, seq, now).await?;
                    break;
                }
            }
        }
        match self.store.earlier_event(session.id, &sender.user_id, event).await? {
            Some(earlier) => Ok(self.event_response(session, &earlier, true)),
            None => Err(ChatError::unavailable("every allocated number became void")),
        }
    }

    fn event_response(&self, session: &Session, receipt: &EventReceipt, duplicate: bool) -> SendEventResponse {
        let created_at = time::to_the_millisecond(time::from_millis(receipt.created_ms), &self.config.sessions.zone);
        SendEventResponse::new(session.id, receipt.seq, created_at, duplicate)
    }
}
