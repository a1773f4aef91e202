//! What staff see of one message, gone or not: `GET /live-chat/moderation/messages/{message_id}` (docs/contract.md, What is kept).

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use jiff::SignedDuration;
use serde::Serialize;

use super::store_log::LogQuery;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::{Message, MessageId};
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{Entry, EntryView};
use crate::domain::moderation::held::{Decision, HeldView};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::moderation::kept::{Fate, MessageState};
use crate::domain::moderation::report::Reason;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::held::store::FoundHeld;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;
use crate::platform::dynamo::is_expired;

/// The answer has so many entries, the newest ones.
const MAX_ENTRIES: usize = 50;
/// The answer has so many reports.
const MAX_REPORTS: i32 = 500;
/// Entries that are read at once.
const CONCURRENT_READS: usize = 8;
/// The entry of an approval is a moment older than the message, and clocks differ.
const BEFORE_THE_MESSAGE: SignedDuration = SignedDuration::from_secs(60);

/// The response of `GET /live-chat/moderation/messages/{message_id}`.
#[derive(Debug, Serialize)]
pub struct MessageResponse {
    /// Null while it is held, and if it was not approved.
    message_id: Option<MessageId>,
    /// The author.
    user_id: String,
    /// Null if its content was not kept, and if it has no number.
    message: Option<Message>,
    /// The held message, if the request named one.
    held: Option<HeldView>,
    original_text: Option<String>,
    state: MessageState,
    entries: Vec<EntryView>,
    reports: Vec<ReportView>,
}

/// A report, as staff see it.
#[derive(Debug, Serialize)]
struct ReportView {
    report_id: String,
    user_id: String,
    username: String,
    reason: Reason,
    comment: Option<String>,
    at: String,
}

impl Chat {
    /// A message, or a held one, as staff see it: whatever became of it, until it expires. It is looked for in the addressed session; without
    /// `session_id`, a message is looked for in its own.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for an id, [`ChatError::Forbidden`], [`ChatError::NotFound`], [`ChatError::ChatNotActive`] for a held
    /// message if no session is open and none was named, [`ChatError::Unavailable`].
    pub async fn message_for_staff(
        &self,
        reader: &Caller,
        id: &str,
        addressed: Addressed<'_>,
    ) -> Result<MessageResponse, ChatError> {
        match HeldId::parse(id) {
            Ok(held_id) => {
                let session = self.session_to_read(addressed, reader).await?;
                self.held_for_staff(reader, session.id, &held_id).await
            }
            Err(_) => {
                let id = MessageId::parse(id)?;
                if addressed.is_named() && self.session_to_read(addressed, reader).await?.id != id.session_id() {
                    return Err(ChatError::no_such_message());
                }
                self.numbered_for_staff(reader, id).await
            }
        }
    }

    async fn held_for_staff(
        &self,
        reader: &Caller,
        session_id: u64,
        id: &HeldId,
    ) -> Result<MessageResponse, ChatError> {
        self.check_standing(Some(session_id), reader, Deed::Moderate).await?;
        let (now, unknown) = (self.clock.now(), || ChatError::NotFound("There is no such held message".to_owned()));
        let (held, state, act) = match self.store.held(session_id, id).await?.ok_or_else(unknown)? {
            FoundHeld::Waiting(held) if held.is_over(now) => (held, MessageState::Expired, None),
            FoundHeld::Waiting(held) => (held, MessageState::Held, None),
            FoundHeld::Resolved { held, message_id: Some(message_id), .. } => {
                let view = held.view(&self.config.sessions.zone);
                let response = self.numbered_for_staff(reader, message_id).await?;
                return Ok(MessageResponse { held: Some(view), ..response });
            }
            FoundHeld::Resolved { held, decision: Decision::Expired, action_id, .. } => {
                (held, MessageState::Expired, Some(action_id))
            }
            FoundHeld::Resolved { held, action_id, .. } => (held, MessageState::Denied, Some(action_id)),
        };
        if is_expired(held.expires_at, now) {
            return Err(unknown());
        }
        Ok(MessageResponse {
            message_id: None,
            user_id: held.author.user_id.clone(),
            message: None,
            original_text: held.original_text().map(str::to_owned),
            held: Some(held.view(&self.config.sessions.zone)),
            state,
            entries: self.views(self.entries_with(act.into_iter().collect()).await?).await?,
            reports: Vec::new(),
        })
    }

    async fn numbered_for_staff(&self, reader: &Caller, id: MessageId) -> Result<MessageResponse, ChatError> {
        let session = self.session_with_id(id.session_id()).await?;
        reader.require_session(&session)?;
        self.check_standing(Some(session.id), reader, Deed::Moderate).await?;
        let (kept, covers) =
            tokio::try_join!(self.store.message_for_staff(id, self.clock.now()), self.store.covers(session.id))?;
        let kept = kept.ok_or_else(ChatError::no_such_message)?;
        let fate = kept.fate;
        let message = match kept.message {
            Some(message) => Some(self.store.quoting_one(message, self.clock.now()).await?),
            None => None,
        };
        let (entries, reports) = tokio::try_join!(self.entries_about(id, &fate), self.reports_about(id))?;
        let is_covered = covers.hides(&fate.user_id, id.seq()) && fate.state != MessageState::Deleted;
        Ok(MessageResponse {
            message_id: Some(id),
            held: None,
            original_text: message.as_ref().and_then(|message| message.original_text()).map(str::to_owned),
            message: message.map(|message| message.to_wire_for_staff(&self.config.sessions.zone)),
            user_id: fate.user_id,
            state: if is_covered { MessageState::Purged } else { fate.state },
            entries,
            reports,
        })
    }

    /// The acts that name a message or cover it, the newest first.
    async fn entries_about(&self, id: MessageId, fate: &Fate) -> Result<Vec<EntryView>, ChatError> {
        let (by_author, covering) = tokio::try_join!(self.entries_on_author(id, fate), async {
            Ok(self.store.acts_that_cover(id, &fate.user_id).await?)
        })?;
        let known: BTreeSet<ActionId> = by_author.iter().map(|entry| entry.id.clone()).collect();
        let others = fate.acts.iter().cloned().chain(covering).filter(|act| !known.contains(act));
        let others = newest(others.collect::<BTreeSet<_>>().into_iter().collect(), Clone::clone);
        let others = self.entries_with(others).await?;
        self.views(newest(by_author.into_iter().chain(others).collect(), |entry| entry.id.clone())).await
    }

    async fn views(&self, entries: Vec<Entry>) -> Result<Vec<EntryView>, ChatError> {
        let views = futures_util::stream::iter(entries).map(|entry| self.view(entry)).buffered(CONCURRENT_READS);
        views.try_collect().await
    }

    /// The entries with these ids that have not expired.
    async fn entries_with(&self, ids: Vec<ActionId>) -> Result<Vec<Entry>, ChatError> {
        let reads = futures_util::stream::iter(ids)
            .map(|id| async move { self.store.entry(&id, self.clock.now()).await })
            .buffered(CONCURRENT_READS);
        let entries: Vec<Option<Entry>> = reads.try_collect().await?;
        Ok(entries.into_iter().flatten().collect())
    }

    /// The entries that name a message among those that concern its author. An act on messages concerns nobody by name, so the message's
    /// row names it.
    async fn entries_on_author(&self, id: MessageId, fate: &Fate) -> Result<Vec<Entry>, ChatError> {
        let Some(author) = self.store.known_pseudonym(&fate.user_id).await? else { return Ok(Vec::new()) };
        let query = LogQuery {
            target: Some(author),
            message_id: Some(id),
            since: Some(fate.created() - BEFORE_THE_MESSAGE),
            limit: MAX_ENTRIES,
            ..LogQuery::default()
        };
        Ok(self.store.log_page(&query, self.clock.now()).await?.entries)
    }

    async fn reports_about(&self, id: MessageId) -> Result<Vec<ReportView>, ChatError> {
        let reports = self.store.reports_about(id, MAX_REPORTS).await?;
        let views = reports.into_iter().map(|(user_id, report)| ReportView {
            report_id: report.report_id,
            user_id,
            username: report.username,
            reason: report.reason,
            comment: report.comment,
            at: time::to_the_millisecond(time::from_millis(report.reported_ms), &self.config.sessions.zone),
        });
        Ok(views.collect())
    }
}

/// The newest of some acts, the newest first.
fn newest<Act>(mut acts: Vec<Act>, id: impl Fn(&Act) -> ActionId) -> Vec<Act> {
    acts.sort_by_key(|act| std::cmp::Reverse(id(act)));
    acts.truncate(MAX_ENTRIES);
    acts
}
