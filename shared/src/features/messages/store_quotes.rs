//! What replies show of the messages that they reply to, their parents (docs/contract.md, Replies and mentions).
//!
//! A reply stores the id of its parent alone. The parent is read when an answer or a frame is made, strongly consistent and after the reply:
//! so what is deleted, hidden or covered by then is in neither, and nothing has to be cleaned up. A reply whose quote nobody has read shows
//! its parent as gone.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::domain::cover::Covers;
use crate::domain::message::MessageId;
use crate::domain::quote::Quote;
use crate::features::messages::store::LogEntry;
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::{Store, StoreError};

/// Parents that are read at once.
const CONCURRENT_READS: usize = 16;

/// A parent that stands.
struct Parent {
    quote: Quote,
    /// The author, if nobody else but staff sees it.
    seen_by: Option<String>,
}

impl Parent {
    /// The parent under a number of the log; `None` if it is gone.
    fn of(entry: &LogEntry) -> Option<Parent> {
        let (LogEntry::Message(message) | LogEntry::Shadowed(message)) = entry else { return None };
        Some(Parent { quote: message.quoted(), seen_by: message.is_shadowed().then(|| message.user_id.clone()) })
    }

    /// The quote, if all who see the reply see the parent.
    fn quote_for(&self, reply: &StoredMessage) -> Option<Quote> {
        let is_seen = self.seen_by.as_ref().is_none_or(|author| reply.is_shadowed() && reply.user_id == *author);
        is_seen.then(|| self.quote.clone())
    }
}

/// Parents by their ids.
type Parents = BTreeMap<MessageId, Option<Parent>>;

impl Store {
    /// Reads what the replies among entries of a session's log show. The entries are without what is covered, so parents among them are not
    /// read again; `covers` is what their reader knows of it already, and is read if it is not given and needed.
    pub(super) async fn quote_in(
        &self,
        entries: &mut [LogEntry],
        covers: Option<&Covers>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let wanted = wanted_by(entries);
        let Some(session_id) = wanted.first().map(|id| id.session_id()) else { return Ok(()) };
        let among = entries.iter().map(|entry| (MessageId::new(session_id, entry.seq()), entry));
        let known = among.filter(|(id, _)| wanted.contains(id)).map(|(id, entry)| (id, Parent::of(entry)));
        self.quote_from(known.collect(), entries, covers, now).await
    }

    /// The messages of one session, as staff see them, with what they show of their parents. They may be hidden, so none of them is taken for
    /// the parent of another.
    pub(crate) async fn quoting(
        &self,
        messages: Vec<StoredMessage>,
        now: Timestamp,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let mut entries: Vec<LogEntry> =
            messages.into_iter().map(|message| LogEntry::Message(Box::new(message))).collect();
        self.quote_from(Parents::new(), &mut entries, None, now).await?;
        Ok(entries.into_iter().filter_map(LogEntry::into_message).collect())
    }

    /// A message with what it shows of its parent.
    pub(crate) async fn quoting_one(
        &self,
        message: StoredMessage,
        now: Timestamp,
    ) -> Result<Box<StoredMessage>, StoreError> {
        let mut entry = [LogEntry::Message(Box::new(message))];
        self.quote_from(Parents::new(), &mut entry, None, now).await?;
        let [LogEntry::Message(message)] = entry else { unreachable!("it is still a message") };
        Ok(message)
    }

    /// Reads the parents that are not known, and notes in the replies what they show.
    async fn quote_from(
        &self,
        mut parents: Parents,
        entries: &mut [LogEntry],
        covers: Option<&Covers>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unknown: Vec<MessageId> = wanted_by(entries).into_iter().filter(|id| !parents.contains_key(id)).collect();
        if let Some(session_id) = unknown.first().map(|id| id.session_id()) {
            parents.extend(self.parents(session_id, unknown, covers, now).await?);
        }
        for entry in entries {
            let (LogEntry::Message(reply) | LogEntry::Shadowed(reply)) = entry else { continue };
            let parent = reply.reply_to().and_then(|id| parents.get(&id)?.as_ref());
            let quote = parent.and_then(|parent| parent.quote_for(reply));
            reply.set_quote(quote.unwrap_or_default());
        }
        Ok(())
    }

    async fn parents(
        &self,
        session_id: u64,
        ids: Vec<MessageId>,
        covers: Option<&Covers>,
        now: Timestamp,
    ) -> Result<Vec<(MessageId, Option<Parent>)>, StoreError> {
        let reads = futures_util::stream::iter(ids)
            .map(|id| async move { Ok::<_, StoreError>((id, self.entry_of(id, now).await?)) })
            .buffered(CONCURRENT_READS)
            .try_collect::<Vec<_>>();
        let read_covers = async {
            match covers {
                Some(covers) => Ok(covers.clone()),
                None => self.covers(session_id).await,
            }
        };
        let (rows, covers) = tokio::try_join!(reads, read_covers)?;
        let parents = rows.into_iter().map(|(id, row)| {
            let standing = row.map(|entry| entry.uncovered(&covers));
            (id, standing.as_ref().and_then(Parent::of))
        });
        Ok(parents.collect())
    }
}

/// The parents of the replies among entries.
fn wanted_by(entries: &[LogEntry]) -> BTreeSet<MessageId> {
    let replies = entries.iter().filter_map(|entry| match entry {
        LogEntry::Message(message) | LogEntry::Shadowed(message) => message.reply_to(),
        LogEntry::Event(_) | LogEntry::Nothing { .. } => None,
    });
    replies.collect()
}
