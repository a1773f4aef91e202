//! The plan of one act: its entry, and everything that goes with it.

use jiff::Timestamp;

use super::store_unfinished::Steps;
use crate::domain::caller::{Caller, Rank};
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{ActorType, Entry, EntryText, Pseudonym};
use crate::domain::moderation::request::{Act, ActionRequest};
use crate::domain::moderation::standing::{Sanction, SanctionKind, Scope, Standing};

/// A request to act, with what its acts have in common.
pub(super) struct Order<'a> {
    pub(super) actor: &'a Caller,
    pub(super) request: &'a ActionRequest,
    /// The session that was named, or the open one.
    pub(super) session_id: Option<u64>,
    pub(super) pseudonym: Pseudonym,
}

/// One act.
pub(super) struct Plan {
    pub(super) entry: Entry,
    pub(super) text: EntryText,
    pub(super) standing: Option<StandingChange>,
    /// Messages that are deleted in the act's transaction.
    pub(super) deleted: Vec<MessageId>,
    pub(super) steps: Steps,
}

/// The change of a user's standing.
pub(super) struct StandingChange {
    pub(super) user_id: String,
    pub(super) read_version: u64,
    pub(super) next: Standing,
}

impl Order<'_> {
    /// The plan of an act on messages.
    pub(super) fn delete(&self, message_ids: Vec<MessageId>, now: Timestamp) -> Plan {
        let mut plan = self.plan(None, now);
        plan.entry.message_ids = message_ids.clone();
        plan.deleted = message_ids;
        plan
    }

    /// The plan of an act on a user of this standing.
    ///
    /// # Errors
    /// [`ChatError::Conflict`] if what holds does not allow it.
    pub(super) fn on_user(
        &self,
        user_id: &str,
        target: Pseudonym,
        standing: Standing,
        now: Timestamp,
    ) -> Result<Plan, ChatError> {
        let mut plan = self.plan(Some(target), now);
        let read_version = standing.version;
        plan.steps = Steps { user_id: Some(user_id.to_owned()), session_id: self.session_id, ..Steps::default() };
        let next = match &self.request.act {
            Act::Timeout { seconds, .. } => {
                let holds = standing.sanction(self.session_id, Rank::Everybody, now);
                if holds.is_some_and(|sanction| sanction.kind == SanctionKind::Ban) {
                    return Err(ChatError::Conflict("This user is banned: lift the ban first".to_owned()));
                }
                let until_ms = now.as_millisecond() + seconds * 1000;
                plan.entry.until_ms = Some(until_ms);
                Some(standing.with(self.sanction(&plan.entry.id, SanctionKind::Timeout, self.scope(false)?, Some(until_ms)), now))
            }
            Act::Ban { session_only, .. } => {
                let scope = self.scope(*session_only)?;
                plan.steps.close_sockets = true;
                plan.entry.changes = Some(serde_json::json!({ "session_only": session_only }));
                Some(standing.with(self.sanction(&plan.entry.id, SanctionKind::Ban, scope, None), now))
            }
            Act::Lift { .. } => {
                let (next, has_lifted) = standing.lifted(self.reach()?, self.actor.rank(), now);
                if !has_lifted {
                    return Err(ChatError::Conflict("Nothing holds that you may lift".to_owned()));
                }
                Some(next)
            }
            Act::RevokeTokens { issued_before, .. } => {
                let before = issued_before.unwrap_or_else(|| now.as_second());
                plan.steps.close_sockets = true;
                plan.entry.changes = Some(serde_json::json!({ "issued_before": before }));
                let revoked_before = standing.revoked_before.max(Some(before));
                Some(Standing { revoked_before, ..standing })
            }
            Act::Note { text, .. } => {
                plan.text.note = Some(text.clone());
                Some(Standing { notes: standing.notes + 1, ..standing })
            }
            Act::Disconnect { .. } => {
                plan.steps.close_sockets = true;
                None
            }
            Act::Delete { .. } => None,
        };
        plan.steps.change_rules = !matches!(self.request.act, Act::Note { .. } | Act::Disconnect { .. });
        plan.standing = next.map(|next| StandingChange { user_id: user_id.to_owned(), read_version, next });
        Ok(plan)
    }

    fn plan(&self, target: Option<Pseudonym>, now: Timestamp) -> Plan {
        let entry = Entry {
            id: ActionId::at(now),
            action: self.request.act.name().to_owned(),
            actor: self.pseudonym.clone(),
            actor_type: ActorType::User,
            session_id: self.session_id,
            target,
            message_ids: Vec::new(),
            until_ms: None,
            changes: None,
        };
        let (reason, explanation) = (self.request.reason.clone(), self.request.explanation.clone());
        let text = EntryText { reason, explanation, note: None };
        Plan { entry, text, standing: None, deleted: Vec::new(), steps: Steps::default() }
    }

    fn sanction(&self, id: &ActionId, kind: SanctionKind, scope: Scope, until_ms: Option<i64>) -> Sanction {
        Sanction {
            kind,
            scope,
            until_ms,
            rank: self.actor.rank(),
            reference: id.clone(),
            explanation: self.request.explanation.clone(),
            automated: false,
        }
    }

    /// Where a sanction holds.
    fn scope(&self, session_only: bool) -> Result<Scope, ChatError> {
        match (self.reach()?, self.session_id) {
            (reach, _) if !session_only => Ok(reach),
            (_, Some(session_id)) => Ok(Scope::Session(session_id)),
            (_, None) => Err(ChatError::no_open_session()),
        }
    }

    /// How far the actor's acts reach: a token that is limited to sessions acts in the one that is addressed.
    fn reach(&self) -> Result<Scope, ChatError> {
        match (&self.actor.sessions, self.session_id) {
            (None, _) => Ok(Scope::All),
            (Some(_), Some(session_id)) => Ok(Scope::Session(session_id)),
            (Some(_), None) => Err(ChatError::no_open_session()),
        }
    }
}
