//! Sending a message: at most so many a minute, stored exactly once, acknowledged only when it is stored.

use std::hash::Hasher;
use std::time::Duration;

use serde::Serialize;

use super::Chat;
use crate::adapters::store::rates::Admission;
use crate::adapters::store::sends::{Receipt, Sent};
use crate::adapters::store::sessions::Number;
use crate::rules::caller::Caller;
use crate::rules::error::ChatError;
use crate::rules::flow;
use crate::rules::message::{ClientMessageId, Draft, MessageId};
use crate::rules::session::Session;
use crate::rules::time;

/// How often a message takes a new number because the broadcast did not wait for it.
const MOST_NUMBERS: usize = 20;
/// How long a repeat waits for its twin that is under way, and how often it looks.
const PATIENCE_WITH_TWIN: Duration = Duration::from_millis(1000);
const LOOKS_FOR_TWIN: u32 = 40;

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
            && let Some(earlier) = self.store.sent_before(session.id, &author.user_id, key).await?
        {
            return Ok(self.receipt(earlier, true));
        }
        if let Some(twin) = self.admit(session, author, draft.client_message_id.as_ref()).await? {
            return Ok(self.receipt(twin, true));
        }
        for _ in 0..MOST_NUMBERS {
            let now = self.clock.now();
            let seq = match self.store.take_number(session, now).await? {
                Number::Taken(seq) => seq,
                Number::Closed => return Err(ChatError::session_over()),
                Number::Full => return Err(self.slow_down(session, author, draft).await?),
            };
            match self.store.store_message(session, seq, author, draft, now).await? {
                Sent::Stored(receipt) => return Ok(self.receipt(receipt, false)),
                Sent::NumberIsVoid => {}
                Sent::SentBefore => {
                    // Nobody will store this number: settling it at once spares the broadcast its wait.
                    self.store.settle_as_void(session, seq, now).await?;
                    break;
                }
            }
        }
        let earlier = match &draft.client_message_id {
            Some(key) => self.store.sent_before(session.id, &author.user_id, key).await?,
            None => None,
        };
        match earlier {
            Some(earlier) => Ok(self.receipt(earlier, true)),
            None => Err(ChatError::unavailable("every number that was taken became void")),
        }
    }

    /// Asks the rate limit. A repeat whose twin is under way is not counted: it waits for its twin's receipt, and goes on
    /// by itself if the twin does not finish.
    async fn admit(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
    ) -> Result<Option<Receipt>, ChatError> {
        let Some(limit) = self.config.messages_per_minute else { return Ok(None) };
        let short_key = key.map(|key| short_hash(session.id, key));
        let admission = self.store.admit_send(&author.user_id, limit, short_key.as_deref(), self.clock.now()).await?;
        match (admission, key) {
            (Admission::Admitted, _) | (Admission::Repeat, None) => Ok(None),
            (Admission::Repeat, Some(key)) => {
                for _ in 0..LOOKS_FOR_TWIN {
                    if let Some(receipt) = self.store.sent_before(session.id, &author.user_id, key).await? {
                        return Ok(Some(receipt));
                    }
                    tokio::time::sleep(PATIENCE_WITH_TWIN / LOOKS_FOR_TWIN).await;
                }
                Ok(None)
            }
            (Admission::Refused(retry_after), _) => Err(ChatError::RateLimited {
                detail: format!("At most {limit} messages a minute are allowed"),
                retry_after,
            }),
        }
    }

    /// The room cannot be told more than is under way: its senders wait, and what they tried does not count.
    async fn slow_down(&self, session: &Session, author: &Caller, draft: &Draft) -> Result<ChatError, ChatError> {
        if self.config.messages_per_minute.is_some() {
            let short_key = draft.client_message_id.as_ref().map(|key| short_hash(session.id, key));
            self.store.take_back_send(&author.user_id, short_key.as_deref()).await?;
        }
        Ok(ChatError::RateLimited {
            detail: "The room is too large for so many messages: try again soon".to_owned(),
            retry_after: flow::retry_after(rand::random()),
        })
    }

    fn receipt(&self, receipt: Receipt, duplicate: bool) -> SendReceipt {
        let created_at = time::to_the_millisecond(receipt.created, &self.config.zone);
        SendReceipt { message_id: receipt.message_id, created_at, duplicate }
    }
}

/// Tells the sends of one user's last minute apart, which are too few for two of them to share 64 bits by chance.
fn short_hash(session_id: u64, key: &ClientMessageId) -> String {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write_u64(session_id);
    hasher.write(key.as_str().as_bytes());
    format!("{:016x}", hasher.finish())
}
