//! Holding a message instead of storing it.

use std::time::Duration;

use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::notice::Notice;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::Draft;
use crate::domain::moderation::held::{HeldMessage, HoldReason, MAX_WAITING};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::receipt::{SendOutcome, SendReceipt};
use crate::domain::session::Session;
use crate::domain::time;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::held::store::HoldOutcome;
use crate::features::standing::check::Deed;
use crate::platform::metrics::emf::Metric;

/// Tries of a hold whose author's standing is changed at the same time.
const MAX_TRIES: usize = 20;
/// A client is told to come back after a minute at the latest.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

impl Chat {
    /// Holds a message until staff decide on it, or its time is over. The receipt is that of an earlier send under the same key, if there
    /// was one. No number is allocated, so the rules of the session are no condition: whatever they are by now, staff judge the text, and
    /// the rules in force then hold for its number.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::RateLimited`] if the author has 50 messages waiting,
    /// [`ChatError::ChatNotActive`] if the session has ended meanwhile, [`ChatError::Unavailable`].
    pub async fn hold(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
        reason: HoldReason,
    ) -> Result<SendReceipt, ChatError> {
        for _ in 0..MAX_TRIES {
            let standing = self.check_standing(Some(session.id), author, Deed::TakePart).await?;
            let now = self.clock.now();
            let (longest, expires_at) = (self.config.moderation.held, self.store.history_expires_at(session, now));
            let held = HeldMessage::new(session.id, author, draft, reason, (now, longest), expires_at);
            let view = serde_json::to_value(held.view(&self.config.sessions.zone)).map_err(ChatError::unavailable)?;
            let frame = ServerFrame::MessageHeld { held: &view };
            let notice = Notice::new(Audience::Staff, &frame, now, rand::random());
            match self.store.hold(&held, standing.version, &notice, now).await? {
                HoldOutcome::Held => {
                    self.meter.add(Metric::MessagesHeld, 1);
                    return self.held_receipt(session, held).await;
                }
                HoldOutcome::Duplicate => return self.earlier_receipt(session, author, draft).await,
                HoldOutcome::StandingMoved => {}
                HoldOutcome::TooMany(oldest) => return Err(self.too_many_waiting(oldest.as_ref())),
            }
        }
        Err(ChatError::unavailable("others keep changing the standing of this user"))
    }

    /// The receipt of a hold that is stored, unless the session has ended. What is stored too late is denied by `housekeep`.
    async fn held_receipt(&self, session: &Session, held: HeldMessage) -> Result<SendReceipt, ChatError> {
        if self.store.holds_are_closed(session.id).await? {
            return Err(ChatError::session_over());
        }
        let created_at = time::to_the_millisecond(held.id.time(), &self.config.sessions.zone);
        Ok(SendReceipt { outcome: SendOutcome::Held(held.id), created_at, duplicate: false })
    }

    async fn earlier_receipt(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
    ) -> Result<SendReceipt, ChatError> {
        let earlier = match &draft.client_message_id {
            Some(key) => self.store.earlier_send(session.id, &author.user_id, key).await?,
            None => None,
        };
        let earlier =
            earlier.ok_or_else(|| ChatError::unavailable("an earlier send has lost its receipt"))?.receipt()?;
        let created_at = time::to_the_millisecond(earlier.created, &self.config.sessions.zone);
        Ok(SendReceipt { outcome: earlier.outcome, created_at, duplicate: true })
    }

    /// The refusal of a user who has too many messages waiting. The next one may come when the time of the oldest is over.
    fn too_many_waiting(&self, oldest: Option<&HeldId>) -> ChatError {
        let free = oldest.map(|oldest| oldest.time() + self.config.moderation.held);
        let wait = free.map(|free| free.duration_since(self.clock.now()).as_millis().max(1));
        let wait = wait.and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis);
        ChatError::RateLimited {
            detail: format!("{MAX_WAITING} of your messages wait for a decision already"),
            retry_after: wait.unwrap_or(MAX_RETRY_AFTER).min(MAX_RETRY_AFTER),
        }
    }
}
