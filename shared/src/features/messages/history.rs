//! Reading messages: pages over REST, and `resume` over the socket.

use std::collections::BTreeSet;

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::{MAX_SEQ, Message};
use crate::domain::page::{Anchor, Continuation, OwnLikes, PageSize};
use crate::domain::session::Session;
use crate::domain::wire::log_event::LogEvent;
use crate::features::chat::Chat;
use crate::features::messages::api::{MessagesResponse, PageMessage};
use crate::features::messages::store_pages::Seen;
use crate::features::messages::stored_message::StoredMessage;

/// The size of a `resumed` frame (docs/contract.md, Resume).
const RESUMED: PageSize = PageSize { messages: 100, bytes: 96 * 1024 };
/// The size of a page's body (docs/contract.md, History), less the other fields: Lambda's own limit is 6 MB.
const MAX_PAGE_BYTES: usize = 1_000_000 - 500;

/// The messages that a client missed.
#[derive(Debug)]
pub struct Resumed {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// The numbered events among them, in order.
    pub events: Vec<LogEvent>,
    /// The progress of the broadcast.
    pub last_seq: u64,
    /// The number up to which the client is complete with these messages.
    pub up_to: u64,
    /// Whether no message is left to resume.
    pub complete: bool,
}

impl Chat {
    /// One page of a session's messages.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn page(
        &self,
        session: &Session,
        anchor: Anchor,
        limit: usize,
        own_likes: OwnLikes,
        reader: &Caller,
    ) -> Result<MessagesResponse, ChatError> {
        // The cursor is read first. Otherwise `last_seq` could cover a number that was settled after the page was read.
        // So is what is covered, at the same time: a purge that was acknowledged before this request is part of it.
        let (cursor, covers) = tokio::try_join!(self.store.cursor(session.id), self.store.covers(session.id))?;
        let last_seq = cursor.seq;
        let size = PageSize { messages: limit, bytes: MAX_PAGE_BYTES };
        let seen = Seen { covers: &covers, reader };
        let page = self.store.message_page(session.id, anchor, size, seen, self.clock.now()).await?;
        let liked = match own_likes {
            OwnLikes::Omit => None,
            OwnLikes::Tell => Some(self.liked_of(session.id, &page.messages, &reader.user_id).await?),
        };
        let (continuation, has_more) = (Continuation::of(session.id, anchor, page.read_to), page.has_more());
        let messages = page.messages.into_iter().map(|message| PageMessage {
            user_liked: liked.as_ref().map(|liked| liked.contains(&message.id().seq())),
            message: message.into_wire_for(reader, &self.config.sessions.zone),
        });
        Ok(MessagesResponse {
            messages: messages.collect(),
            events: page.events,
            session_id: session.id,
            has_more,
            next_before: continuation.before,
            next_after: continuation.after,
            last_seq,
        })
    }

    /// The numbers of those of a page's messages that a user likes.
    async fn liked_of(
        &self,
        session_id: u64,
        messages: &[StoredMessage],
        user_id: &str,
    ) -> Result<BTreeSet<u64>, ChatError> {
        let (Some(first), Some(last)) = (messages.first(), messages.last()) else { return Ok(BTreeSet::new()) };
        Ok(self.store.liked_between(session_id, user_id, first.id().seq(), last.id().seq()).await?)
    }

    /// The messages after a number, as a reader may see them.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn resume(&self, session_id: u64, after: u64, reader: &Caller) -> Result<Resumed, ChatError> {
        let (cursor, covers) = tokio::try_join!(self.store.cursor(session_id), self.store.covers(session_id))?;
        let (last_seq, after) = (cursor.seq, after.min(MAX_SEQ));
        let anchor = Anchor::After(after);
        let seen = Seen { covers: &covers, reader };
        let page = self.store.message_page(session_id, anchor, RESUMED, seen, self.clock.now()).await?;
        // Beyond `last_seq`, a number may be missing that is stored later.
        let up_to = page.read_to.unwrap_or(last_seq).min(last_seq).max(after);
        let (zone, complete) = (&self.config.sessions.zone, !page.has_more());
        let messages = page.messages.into_iter().map(|message| message.into_wire_for(reader, zone)).collect();
        Ok(Resumed { messages, complete, events: page.events, last_seq, up_to })
    }
}
