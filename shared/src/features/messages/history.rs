//! Reading messages: pages over REST, and `resume` over the socket.

use crate::domain::error::ChatError;
use crate::domain::message::Message;
use crate::domain::page::Anchor;
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::messages::api::MessagesResponse;

/// The limits of a `resumed` frame (docs/contract.md, Resume).
const MAX_RESUMED_MESSAGES: usize = 100;
const MAX_RESUMED_BYTES: usize = 96 * 1024;

/// The messages that a client missed.
#[derive(Debug)]
pub struct Resumed {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// The progress of the broadcast.
    pub last_seq: u64,
    /// Whether no message is left to resume.
    pub complete: bool,
}

impl Chat {
    /// One page of a session's messages.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn page(&self, session: &Session, anchor: Anchor, limit: usize) -> Result<MessagesResponse, ChatError> {
        // The cursor is read first. Otherwise `last_seq` could cover a number that was settled after the page was read.
        let last_seq = self.store.cursor(session.id).await?.seq;
        let (messages, has_more) = self.store.messages(session.id, anchor, limit, self.clock.now()).await?;
        let messages = messages.iter().map(|message| message.to_wire(&self.config.sessions.zone)).collect();
        Ok(MessagesResponse { messages, session_id: session.id, has_more, last_seq })
    }

    /// The messages after a number.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn resume(&self, session_id: u64, after: u64) -> Result<Resumed, ChatError> {
        let last_seq = self.store.cursor(session_id).await?.seq;
        let after = Anchor::After(after.min(crate::domain::message::MAX_SEQ));
        let (stored, has_more) = self.store.messages(session_id, after, MAX_RESUMED_MESSAGES, self.clock.now()).await?;
        let found = stored.len();
        let (mut messages, mut bytes) = (Vec::with_capacity(found), 0);
        for message in &stored {
            let message = message.to_wire(&self.config.sessions.zone);
            bytes += serde_json::to_string(&message).map_err(ChatError::unavailable)?.len() + 1;
            if bytes > MAX_RESUMED_BYTES {
                break;
            }
            messages.push(message);
        }
        let complete = !has_more && messages.len() == found;
        Ok(Resumed { messages, last_seq, complete })
    }
}
