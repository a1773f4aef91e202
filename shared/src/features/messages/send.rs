//! Sending a message: at most so many a minute, stored exactly once, acknowledged only when it is stored.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::domain::broadcast::flow;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::{ClientMessageId, Draft, MessageId};
use crate::domain::session::Session;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::messages::store_rate::{Admission, Admitted};
use crate::features::messages::store_send::{Receipt, Sent};
use crate::features::sessions::store::Number;

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
        let mut admitted = match self.admit(session, author, draft.client_message_id.as_ref()).await? {
            Entry::Granted(admitted) => admitted,
            Entry::SentByTwin(receipt) => return Ok(self.receipt(receipt, true)),
        };
        for _ in 0..MOST_NUMBERS {
            let now = self.clock.now();
            let seq = match self.store.take_number(session, now).await? {
                Number::Taken(seq) => seq,
                Number::Closed => return Err(ChatError::session_over()),
                Number::Full => return Err(self.slow_down(author, admitted.take()).await?),
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

    /// Asks the rate limit. A repeat whose twin is under way is not counted: it waits for its twin's receipt. If the twin does
    /// not finish, the repeat goes on by itself and counts in its place, from now on.
    async fn admit(
        &self,
        session: &Session,
        author: &Caller,
        key: Option<&ClientMessageId>,
    ) -> Result<Entry, ChatError> {
        let Some(limit) = self.config.messages_per_minute else { return Ok(Entry::Granted(None)) };
        let (store, user_id, now) = (&self.store, &author.user_id, self.clock.now());
        let Some(key) = key else {
            return match store.admit_send(user_id, limit, None, now).await? {
                Admission::Admitted(admitted) => Ok(Entry::Granted(Some(admitted))),
                Admission::Repeat => Err(ChatError::unavailable("a send without a key has no twin")),
                Admission::Refused(retry_after) => Err(too_many(limit, retry_after)),
            };
        };
        let short_key = short_hash(session.id, key);
        match store.admit_send(user_id, limit, Some(&short_key), now).await? {
            Admission::Admitted(admitted) => return Ok(Entry::Granted(Some(admitted))),
            Admission::Repeat => {}
            Admission::Refused(retry_after) => return Err(too_many(limit, retry_after)),
        }
        for _ in 0..LOOKS_FOR_TWIN {
            if let Some(receipt) = store.sent_before(session.id, user_id, key).await? {
                return Ok(Entry::SentByTwin(receipt));
            }
            tokio::time::sleep(PATIENCE_WITH_TWIN / LOOKS_FOR_TWIN).await;
        }
        match store.admit_repeat(user_id, limit, &short_key, self.clock.now()).await? {
            // Its place in the list is the twin's, too, which may still be under way: so it is never taken back.
            Admission::Admitted(_) => Ok(Entry::Granted(None)),
            Admission::Repeat => Err(ChatError::unavailable("a repeat takes the place of its twins")),
            Admission::Refused(retry_after) => Err(too_many(limit, retry_after)),
        }
    }

    /// The room cannot be told more than is under way: its senders wait, and what they tried does not count.
    async fn slow_down(&self, author: &Caller, admitted: Option<Admitted>) -> Result<ChatError, ChatError> {
        if let Some(admitted) = admitted {
            self.store.take_back_send(&author.user_id, admitted).await?;
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

/// What asking the rate limit led to.
enum Entry {
    /// The send may go on; what it can give back, if anything.
    Granted(Option<Admitted>),
    /// A twin of it has stored the message meanwhile.
    SentByTwin(Receipt),
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
