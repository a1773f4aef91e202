//! Sending a message: within the rate limit, stored exactly once, acknowledged once it is stored.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::domain::broadcast::backpressure;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::{ClientMessageId, Draft, MessageId};
use crate::domain::session::Session;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::messages::review::Reviewed;
use crate::features::messages::store_rate::{Admission, Admitted};
use crate::features::messages::store_send::{Earlier, Receipt, StoreOutcome};
use crate::features::sessions::store_seq::SeqAllocation;
use crate::features::standing::check::Deed;
use crate::platform::dynamo::StoreError;

/// Numbers that a send may allocate. It needs another one if the broadcast settled its number as void.
const MAX_ALLOCATIONS: usize = 20;
/// How long a duplicate waits for the send that is under way, besides its review, and how often it looks.
const DUPLICATE_TIMEOUT: Duration = Duration::from_millis(1000);
const DUPLICATE_POLLS: u32 = 40;

/// A message that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SendReceipt {
    /// The message's id.
    pub message_id: MessageId,
    /// The time of storage.
    pub created_at: String,
    /// Whether an earlier send had stored it.
    pub duplicate: bool,
}

impl Chat {
    /// Sends a message to a session.
    ///
    /// # Errors
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::RateLimited`], [`ChatError::ChatNotActive`] if the session closes
    /// meanwhile, [`ChatError::Unavailable`].
    pub async fn send(&self, session: &Session, author: &Caller, draft: &Draft) -> Result<SendReceipt, ChatError> {
        // The rules are captured before the standing is read: an act in between changes them, and the number is refused.
        let mut rules = self.rules.of(session.id);
        let (earlier, standing) = tokio::try_join!(
            self.earlier_send(session, author, draft.client_message_id.as_ref()),
            self.store.standing(&author.user_id)
        )?;
        if let Some(earlier) = earlier {
            return self.duplicate(earlier);
        }
        self.judge_standing(&standing, Some(session.id), author, Deed::TakePart)?;
        let mut admitted = match self.admit(session, author, draft.client_message_id.as_ref()).await? {
            Gate::Granted(admitted) => admitted,
            Gate::Duplicate(earlier) => return self.duplicate(earlier),
        };
        let (author, draft) = match self.reviewed(session, author, draft).await? {
            Reviewed::Passed(author, draft) => (author, draft),
            Reviewed::Earlier(earlier) => return self.duplicate(earlier),
        };
        let (author, draft) = (&*author, &*draft);
        for _ in 0..MAX_ALLOCATIONS {
            let now = self.clock.now();
            let seq = match self.store.allocate_seq(session, rules, now).await? {
                SeqAllocation::Allocated(seq) => seq,
                SeqAllocation::RulesChanged(in_force) => {
                    self.rules.note(session.id, in_force);
                    rules = in_force;
                    self.check_standing(Some(session.id), author, Deed::TakePart).await?;
                    continue;
                }
                SeqAllocation::Closed => return Err(ChatError::session_over()),
                SeqAllocation::Full => return Err(self.slow_down(author, admitted.take()).await?),
            };
            match self.store.store_message(session, seq, author, draft, now).await? {
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

    /// Asks the rate limit. A duplicate does not count: it waits for the receipt of the send that is under way. If that send does not
    /// finish, the duplicate goes on and counts instead of it, from now on.
    async fn admit(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
    ) -> Result<Gate, ChatError> {
        let Some(limit) = self.config.limits.messages_per_minute else { return Ok(Gate::Granted(None)) };
        let (store, user_id, now) = (&self.store, &author.user_id, self.clock.now());
        let Some(key) = key else {
            return match store.admit_send(user_id, limit, None, now).await? {
                Admission::Admitted(admitted) => Ok(Gate::Granted(Some(admitted))),
                Admission::Duplicate => Err(ChatError::unavailable("a send without a key was taken for a duplicate")),
                Admission::Refused(retry_after) => Err(too_many(limit, retry_after)),
            };
        };
        let short_key = short_hash(session.id, key);
        match store.admit_send(user_id, limit, Some(&short_key), now).await? {
            Admission::Admitted(admitted) => return Ok(Gate::Granted(Some(admitted))),
            Admission::Duplicate => {}
            Admission::Refused(retry_after) => return Err(too_many(limit, retry_after)),
        }
        let timeout = DUPLICATE_TIMEOUT + self.longest_review();
        for _ in 0..DUPLICATE_POLLS {
            if let Some(earlier) = store.earlier_send(session.id, user_id, key).await? {
                return Ok(Gate::Duplicate(earlier));
            }
            tokio::time::sleep(timeout / DUPLICATE_POLLS).await;
        }
        match store.admit_duplicate(user_id, limit, &short_key, self.clock.now()).await? {
            // The earlier send may still be under way and shares this record, so the record is never withdrawn.
            Admission::Admitted(_) => Ok(Gate::Granted(None)),
            Admission::Duplicate => Err(ChatError::unavailable("a duplicate did not replace its earlier sends")),
            Admission::Refused(retry_after) => Err(too_many(limit, retry_after)),
        }
    }

    /// Refuses a send because the room cannot receive more messages in time. The attempt does not count.
    async fn slow_down(&self, author: &Caller, admitted: Option<Admitted>) -> Result<ChatError, ChatError> {
        if let Some(admitted) = admitted {
            self.store.withdraw_send(&author.user_id, admitted).await?;
        }
        Ok(ChatError::RateLimited {
            detail: "The room is too large for so many messages: try again soon".to_owned(),
            retry_after: backpressure::retry_after(rand::random()),
        })
    }

    /// Answers a send as the earlier one under the same key was answered.
    fn duplicate(&self, earlier: Earlier) -> Result<SendReceipt, ChatError> {
        Ok(self.receipt(earlier.receipt()?, true))
    }

    fn receipt(&self, receipt: Receipt, duplicate: bool) -> SendReceipt {
        let created_at = time::to_the_millisecond(receipt.created, &self.config.sessions.zone);
        SendReceipt { message_id: receipt.message_id, created_at, duplicate }
    }
}

/// The outcome of asking the rate limit.
enum Gate {
    /// The send may go on. It can withdraw its admission, if it holds one.
    Granted(Option<Admitted>),
    /// Another send with the same key has stored the message, or was denied, meanwhile.
    Duplicate(Earlier),
}

fn too_many(limit: usize, retry_after: Duration) -> ChatError {
    ChatError::RateLimited { detail: format!("At most {limit} messages a minute are allowed"), retry_after }
}

/// Identifies the key of a send within a user's last minute. It has 128 bits, so no client can find two keys with the same hash:
/// the second send would pass for a duplicate of the first.
fn short_hash(session_id: u64, key: &ClientMessageId) -> String {
    let hash = digest(&SHA256, format!("{session_id}#{}", key.as_str()).as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}
