//! Sending a message: at most so many a minute, stored exactly once, acknowledged only when it is stored.

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
use crate::features::messages::store_rate::{Admission, Admitted};
use crate::features::messages::store_send::{Receipt, StoreOutcome};
use crate::features::sessions::store::SeqAllocation;

/// How often a message takes a new number because the broadcast did not wait for it.
const MAX_ALLOCATIONS: usize = 20;
/// How long a repeat waits for its twin that is under way, and how often it looks.
const DUPLICATE_TIMEOUT: Duration = Duration::from_millis(1000);
const DUPLICATE_POLLS: u32 = 40;

/// A message that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SendReceipt {
    /// The message's id.
    pub message_id: MessageId,
    /// When it was stored.
    pub created_at: String,
    /// Whether it had been stored before.
    pub duplicate: bool,
}

impl Chat {
    /// Sends a message to a session.
    ///
    /// # Errors
    /// [`ChatError::RateLimited`], [`ChatError::ChatNotActive`] if the session closes meanwhile, [`ChatError::Unavailable`].
    pub async fn send(&self, session: &Session, author: &Caller, draft: &Draft) -> Result<SendReceipt, ChatError> {
        if let Some(key) = &draft.client_message_id
            && let Some(earlier) = self.store.earlier_send(session.id, &author.user_id, key).await?
        {
            return Ok(self.receipt(earlier, true));
        }
        let mut admitted = match self.admit(session, author, draft.client_message_id.as_ref()).await? {
            Gate::Granted(admitted) => admitted,
            Gate::Duplicate(receipt) => return Ok(self.receipt(receipt, true)),
        };
        for _ in 0..MAX_ALLOCATIONS {
            let now = self.clock.now();
            let seq = match self.store.allocate_seq(session, now).await? {
                SeqAllocation::Allocated(seq) => seq,
                SeqAllocation::Closed => return Err(ChatError::session_over()),
                SeqAllocation::Full => return Err(self.slow_down(author, admitted.take()).await?),
            };
            match self.store.store_message(session, seq, author, draft, now).await? {
                StoreOutcome::Stored(receipt) => return Ok(self.receipt(receipt, false)),
                StoreOutcome::SeqIsVoid => {}
                StoreOutcome::Duplicate => {
                    // Nobody will store this number: settling it at once spares the broadcast its wait.
                    self.store.void_seq(session, seq, now).await?;
                    break;
                }
            }
        }
        let earlier = match &draft.client_message_id {
            Some(key) => self.store.earlier_send(session.id, &author.user_id, key).await?,
            None => None,
        };
        match earlier {
            Some(earlier) => Ok(self.receipt(earlier, true)),
            None => Err(ChatError::unavailable("every number that was taken became void")),
        }
    }

    /// Asks the rate limit. A repeat whose twin is under way is not counted: it waits for its twin's receipt. If the twin does
    /// not finish, the repeat goes on by itself and counts in its place, from now on.
    async fn admit(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
    ) -> Result<Gate, ChatError> {
        let Some(limit) = self.config.messages_per_minute else { return Ok(Gate::Granted(None)) };
        let (store, user_id, now) = (&self.store, &author.user_id, self.clock.now());
        let Some(key) = key else {
            return match store.admit_send(user_id, limit, None, now).await? {
                Admission::Admitted(admitted) => Ok(Gate::Granted(Some(admitted))),
                Admission::Repeat => Err(ChatError::unavailable("a send without a key has no twin")),
                Admission::Refused(retry_after) => Err(too_many(limit, retry_after)),
            };
        };
        let short_key = short_hash(session.id, key);
        match store.admit_send(user_id, limit, Some(&short_key), now).await? {
            Admission::Admitted(admitted) => return Ok(Gate::Granted(Some(admitted))),
            Admission::Repeat => {}
            Admission::Refused(retry_after) => return Err(too_many(limit, retry_after)),
        }
        for _ in 0..DUPLICATE_POLLS {
            if let Some(receipt) = store.earlier_send(session.id, user_id, key).await? {
                return Ok(Gate::Duplicate(receipt));
            }
            tokio::time::sleep(DUPLICATE_TIMEOUT / DUPLICATE_POLLS).await;
        }
        match store.admit_duplicate(user_id, limit, &short_key, self.clock.now()).await? {
            // Its place in the list is the twin's, too, which may still be under way: so it is never taken back.
            Admission::Admitted(_) => Ok(Gate::Granted(None)),
            Admission::Repeat => Err(ChatError::unavailable("a repeat takes the place of its twins")),
            Admission::Refused(retry_after) => Err(too_many(limit, retry_after)),
        }
    }

    /// The room cannot be told more than is under way: its senders wait, and what they tried does not count.
    async fn slow_down(&self, author: &Caller, admitted: Option<Admitted>) -> Result<ChatError, ChatError> {
        if let Some(admitted) = admitted {
            self.store.withdraw_send(&author.user_id, admitted).await?;
        }
        Ok(ChatError::RateLimited {
            detail: "The room is too large for so many messages: try again soon".to_owned(),
            retry_after: backpressure::retry_after(rand::random()),
        })
    }

    fn receipt(&self, receipt: Receipt, duplicate: bool) -> SendReceipt {
        let created_at = time::to_the_millisecond(receipt.created, &self.config.zone);
        SendReceipt { message_id: receipt.message_id, created_at, duplicate }
    }
}

/// What asking the rate limit led to.
enum Gate {
    /// The send may go on; what it can give back, if anything.
    Granted(Option<Admitted>),
    /// A twin of it has stored the message meanwhile.
    Duplicate(Receipt),
}

fn too_many(limit: usize, retry_after: Duration) -> ChatError {
    ChatError::RateLimited { detail: format!("At most {limit} messages a minute are allowed"), retry_after }
}

/// Tells the sends of one user's last minute apart: 128 bits that nobody can make two keys share, or the second of them would pass
/// for a repeat of the first.
fn short_hash(session_id: u64, key: &ClientMessageId) -> String {
    let hash = digest(&SHA256, format!("{session_id}#{}", key.as_str()).as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}
