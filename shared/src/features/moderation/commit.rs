//! Carrying out a plan: the act and its entry in one transaction, then the steps that follow it, then the acknowledgement.
//!
//! A crash between the steps leaves a row that lists them. The repeated call finishes them, and so does `housekeep`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use futures_util::{StreamExt, TryStreamExt};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::plan::{Announced, Order, Plan, Resolving};
use super::store_unfinished::UnfinishedAct;
use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::notice::Notice;
use crate::domain::caller::Rank;
use crate::domain::cover::{PurgeOutcome, RestoreOutcome};
use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::Entry;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::platform::dynamo::calls::{Consistency, TransactionOutcome, item_of};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};
use crate::platform::metrics::emf::Metric;

/// `housekeep` finishes acts that are older than this: nobody is at work on them any more.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Acts that are finished at once.
const CONCURRENT_FINISHES: usize = 8;

/// The places of the conditions of a decision on a held message in its transaction: it was not decided on before; the number of the
/// approved message is not void; the standing of its author is the one that was read.
pub(super) const MOVE: usize = 0;
pub(super) const APPROVED: usize = 1;
const STANDING: usize = 2;

/// The outcome of a plan.
pub(super) enum Committed {
    /// The act and its entry are stored. It is in force once its steps are finished.
    Done(Box<(Entry, UnfinishedAct)>),
    /// A condition did not hold: the standing has changed since it was read, a held message was decided on ([`MOVE`]), or messages are
    /// gone. These have an index in `deleted`.
    Moved(Vec<usize>),
    /// The actor asked for it before, under the same key.
    Repeated(ActionId),
}

#[derive(Serialize, Deserialize)]
struct ActedRow {
    id: ActionId,
    expires_at: i64,
}

impl Chat {
    /// The act that was asked for under a key before, if there was one. Its steps are finished.
    pub(super) async fn earlier_act(&self, order: &Order<'_>, part: &str) -> Result<Option<Entry>, ChatError> {
        let Some(key) = order.acted_key(part) else { return Ok(None) };
        let Some(id) = self.store.acted(&key).await? else { return Ok(None) };
        Box::pin(self.finished(&id)).await.map(Some)
    }

    /// Carries out a plan. `acted` is the row that makes the act repeatable.
    pub(super) async fn commit(&self, plan: &Plan, acted: Option<Key>) -> Result<Committed, ChatError> {
        let (id, now) = (&plan.entry.id, self.clock.now());
        let expires_at = self.store.entry_expires_at(now);
        let mut actions: Vec<TransactWriteItem> = Vec::new();
        if let Some(resolving) = &plan.resolving {
            actions.extend(self.resolving(resolving)?);
        }
        for message_id in &plan.deleted {
            actions.push(self.store.delete_message_in_transaction(*message_id, id, now)?);
        }
        if let Some(change) = &plan.standing {
            actions.push(self.store.replace_standing(&change.user_id, change.read_version, &change.next, now)?);
        }
        actions.extend(plan.rows.iter().cloned());
        let first_key = actions.len();
        if let Some(key) = &acted {
            actions.push(self.store.put_acted(key, id, expires_at)?);
        }
        actions.extend(self.store.put_entry(&plan.entry, expires_at)?);
        if !plan.text.is_empty() {
            let about = plan.entry.target.as_ref().unwrap_or(&plan.entry.actor);
            actions.push(self.store.put_entry_text(about, id, &plan.text, expires_at)?);
        }
        if let Some(change) = &plan.standing {
            actions.extend(self.store.list_sanction(&plan.entry, change)?);
        }
        let unfinished = UnfinishedAct { id: id.clone(), steps: plan.steps.clone() };
        if !unfinished.steps.is_empty() {
            actions.push(self.store.put_unfinished(&unfinished)?);
        }
        if let Some(session_id) = plan.entry.session_id {
            for notice in self.notices(session_id, plan).await? {
                actions.push(self.store.notice(session_id, &notice, now)?);
            }
        }
        if let Some(Resolving { resolution, .. }) = &plan.resolving {
            for notice in resolution.notices(now, rand::random) {
                actions.push(self.store.notice(resolution.held.session_id, &notice, now)?);
            }
        }
        let outcome = self.store.transact(actions).await?;
        if let (TransactionOutcome::Refused(_), Some(key)) = (&outcome, &acted)
            && outcome.refused_action(first_key)
        {
            let id = self.store.acted(key).await?.ok_or_else(|| ChatError::unavailable("an act has lost its key"))?;
            return Ok(Committed::Repeated(id));
        }
        if let TransactionOutcome::Refused(_) = outcome {
            let moved = (0..first_key).filter(|index| outcome.refused_action(*index)).collect();
            return Ok(Committed::Moved(moved));
        }
        self.meter.add(Metric::ModerationActs, 1);
        Ok(Committed::Done(Box::new((plan.entry.clone(), unfinished))))
    }

    /// The parts of a decision on a held message: its move first, then, if it is approved, the message, and the condition on the standing
    /// of its author.
    fn resolving(&self, resolving: &Resolving) -> Result<Vec<TransactWriteItem>, ChatError> {
        let (resolution, now) = (&resolving.resolution, self.clock.now());
        let mut actions = self.store.resolve(resolution, now)?;
        if let Some(message_id) = resolution.message_id {
            actions.insert(APPROVED, self.store.put_approved(&resolution.held, message_id, now)?);
            let author = &resolution.held.author.user_id;
            actions.insert(STANDING, self.store.standing_is(author, resolving.read_standing)?);
            if resolution.held.is_question() {
                actions.push(self.store.list_approved(message_id, resolution.held.expires_at)?);
            }
        }
        Ok(actions)
    }

    /// Carries out a plan and finishes its steps: the act's entry, or that of the earlier act under the same key. `None` if a condition of
    /// the plan did not hold, so nothing happened.
    pub(super) async fn carry_out(&self, plan: &Plan, acted: Option<Key>) -> Result<Option<Entry>, ChatError> {
        match self.commit(plan, acted).await? {
            Committed::Done(done) => {
                let (entry, unfinished) = *done;
                self.finish(vec![unfinished]).await?;
                Ok(Some(entry))
            }
            Committed::Repeated(id) => self.finished(&id).await.map(Some),
            Committed::Moved(_) => Ok(None),
        }
    }

    /// What staff hear of an act, and its user of the own standing.
    async fn notices(&self, session_id: u64, plan: &Plan) -> Result<Vec<Notice>, ChatError> {
        let now = self.clock.now();
        let entry = self.view_with(plan.entry.clone(), plan.text.clone()).await?;
        let action = serde_json::to_value(entry).map_err(ChatError::unavailable)?;
        let mut notices =
            vec![Notice::new(Audience::Staff, &ServerFrame::ModerationAction { action: &action }, now, rand::random())];
        let mut to_everybody =
            |frame: &ServerFrame<'_>| notices.push(Notice::new(Audience::Everybody, frame, now, rand::random()));
        match &plan.announced {
            Some(Announced::Modes(modes)) => {
                let modes = modes.view(now, &self.config.sessions.zone);
                let modes = serde_json::to_value(modes).map_err(ChatError::unavailable)?;
                to_everybody(&ServerFrame::ModesUpdate { modes: &modes });
            }
            Some(Announced::Links(links)) => {
                to_everybody(&ServerFrame::ClickableLinksUpdate { clickable_links: links })
            }
            Some(Announced::Answered { message_id, answered }) => {
                to_everybody(&ServerFrame::QuestionUpdate { message_id: *message_id, answered: *answered });
            }
            None => {}
        }
        if let Some(change) = plan.standing.as_ref().filter(|_| plan.tells_user) {
            let standing = match change.next.sanction(Some(session_id), Rank::Everybody, now) {
                Some(sanction) => serde_json::to_value(self.standing_view(sanction)).map_err(ChatError::unavailable)?,
                None => serde_json::json!({ "state": "ok" }),
            };
            let frame = ServerFrame::StandingUpdate { standing: &standing };
            notices.push(Notice::new(Audience::User(change.user_id.clone()), &frame, now, rand::random()));
        }
        Ok(notices)
    }

    /// An act whose steps are done, if they were not.
    pub(super) async fn finished(&self, id: &ActionId) -> Result<Entry, ChatError> {
        if let Some(act) = self.store.unfinished(id).await? {
            self.finish(vec![act]).await?;
        }
        let entry = self.store.entry(id, self.clock.now()).await?;
        entry.ok_or_else(|| ChatError::NotFound("This action is no longer in the log".to_owned()))
    }

    /// Finishes the acts that a crash left. Each step may be repeated.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn finish_abandoned_acts(&self) -> Result<(), ChatError> {
        let acts = self.store.unfinished_before(self.clock.now() - ABANDONED_AFTER).await?;
        if !acts.is_empty() {
            tracing::warn!(actions.count = acts.len(), "acts that were left unfinished are put in force");
        }
        self.finish(acts).await
    }

    /// Finishes acts. The rules of a session change once for all of them.
    pub(super) async fn finish(&self, acts: Vec<UnfinishedAct>) -> Result<(), ChatError> {
        let changes = acts.iter().filter(|act| act.steps.change_rules).filter_map(|act| act.steps.session_id);
        for session_id in changes.collect::<BTreeSet<_>>() {
            self.store.change_rules(session_id).await?;
        }
        // The steps are a large future, and what waits for them would be as large.
        let finishing = futures_util::stream::iter(acts.into_iter().filter(|act| !act.steps.is_empty()));
        finishing.map(|act| Box::pin(self.finish_one(act))).buffer_unordered(CONCURRENT_FINISHES).try_collect().await
    }

    async fn finish_one(&self, act: UnfinishedAct) -> Result<(), ChatError> {
        let (steps, now) = (&act.steps, self.clock.now());
        if let Some(version) = steps.terms_version {
            self.enforce_terms(version).await?;
        }
        if let Some(which) = steps.deny_holds {
            // Before the messages are covered: what is approved until then has a lower number, and is covered.
            self.deny_holds(which, steps.user_id.as_deref(), steps.session_id, &act.id).await?;
        }
        if let Some(poll) = steps.end_poll {
            self.end_poll(poll).await?;
        }
        if let Some(draw) = steps.freeze_draw {
            self.freeze_draw(draw).await?;
        }
        for id in &steps.unlisted {
            self.store.unlist_sanction(id).await?;
        }
        if let Some(session_id) = steps.session_id {
            if steps.enforce_modes {
                self.store.enforce_modes(session_id).await?;
            }
            if steps.enforce_settings {
                self.store.enforce_session_settings(session_id).await?;
            }
            if steps.end_session {
                self.end_early(session_id).await?;
            }
            if let Some(cover) = &steps.cover {
                let session = self.session_with_id(session_id).await?;
                if let PurgeOutcome::TooMany = self.store.purge(&session, act.id.as_str(), cover, now).await? {
                    return Err(ChatError::unavailable("the session has as many purges as its row holds"));
                }
            }
            if let Some(earlier) = &steps.restore {
                let session = self.session_with_id(session_id).await?;
                if let RestoreOutcome::TooLate = self.store.restore_cover(&session, earlier.as_str(), now).await? {
                    tracing::warn!(action.id = earlier.as_str(), "it was too late to take an act back");
                }
            }
        }
        if let Some(user_id) = steps.user_id.as_ref().filter(|_| steps.close_sockets) {
            let mut sessions: BTreeSet<u64> = steps.session_id.into_iter().collect();
            if steps.everywhere {
                sessions.extend(self.store.unended_sessions(now).await?);
            }
            let closing = futures_util::stream::iter(sessions)
                .map(|session_id| self.store.close_sockets_of(session_id, user_id, now))
                .buffer_unordered(CONCURRENT_FINISHES);
            closing.try_collect::<Vec<_>>().await?;
        }
        Ok(self.store.finish(&act.id).await?)
    }
}

impl Order<'_> {
    /// The row that makes an act repeatable. `part` tells the acts of one request apart.
    pub(super) fn acted_key(&self, part: &str) -> Option<Key> {
        let key = self.request.client_action_id.as_ref()?;
        Some(keys::acted(&self.actor.user_id, key.as_str(), part))
    }
}

impl Store {
    async fn acted(&self, key: &Key) -> Result<Option<ActionId>, StoreError> {
        let row: Option<ActedRow> = self.get(&self.chat, key, Consistency::Strong).await?;
        Ok(row.map(|row| row.id))
    }

    fn put_acted(&self, key: &Key, id: &ActionId, expires_at: i64) -> Result<TransactWriteItem, StoreError> {
        self.put_new(&self.chat, item_of(key, ActedRow { id: id.clone(), expires_at }))
    }
}
