//! The plan of one act: its entry, and everything that goes with it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use serde_json::json;

use super::store_unfinished::Steps;
use crate::domain::caller::Caller;
use crate::domain::cover::Cover;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::clickable::ClickableLinks;
use crate::domain::moderation::entry::{ActorType, Entry, EntryText, Imposed, Pseudonym};
use crate::domain::moderation::held::{Decision, DeniedHolds, HeldMessage, Resolution};
use crate::domain::moderation::modes::ShieldedModes;
use crate::domain::moderation::request::ActionRequest;
use crate::domain::moderation::standing::Standing;

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
    /// Whether the user hears of the new standing.
    pub(super) tells_user: bool,
    /// Messages that are deleted in the act's transaction.
    pub(super) deleted: Vec<MessageId>,
    /// What else changes in the act's transaction, under conditions.
    pub(super) rows: Vec<TransactWriteItem>,
    /// The decision on a held message.
    pub(super) resolving: Option<Resolving>,
    pub(super) steps: Steps,
    /// What everybody hears of it.
    pub(super) announced: Option<Announced>,
}

/// What everybody hears of an act.
pub(super) enum Announced {
    /// The modes after it.
    Modes(ShieldedModes),
    /// The links that clients may make after it.
    Links(ClickableLinks),
    /// Whether a question is answered.
    Answered { message_id: MessageId, answered: bool },
}

/// The decision on a held message.
pub(super) struct Resolving {
    pub(super) resolution: Resolution,
    /// The version of the author's standing that lets the message be stored.
    pub(super) read_standing: u64,
}

/// The change of a user's standing.
pub(super) struct StandingChange {
    pub(super) user_id: String,
    /// The user's name, if it is known.
    pub(super) username: Option<String>,
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

    /// The plan of dealing with the reports of a message.
    pub(super) fn dismiss(
        &self,
        id: MessageId,
        author: Pseudonym,
        reports: u64,
        was_hidden: bool,
        rows: Vec<TransactWriteItem>,
        now: Timestamp,
    ) -> Plan {
        let mut plan = self.plan(Some(author), now);
        plan.entry.message_ids = vec![id];
        plan.entry.changes = Some(json!({ "reports": reports, "was_hidden": was_hidden }));
        plan.rows = rows;
        plan
    }

    /// The plan of an act on all messages of the session.
    ///
    /// # Errors
    /// [`ChatError::ChatNotActive`] if no session is open and none was named.
    pub(super) fn clear(&self, now: Timestamp) -> Result<Plan, ChatError> {
        let mut plan = self.plan(None, now);
        self.must_have_session()?;
        plan.steps = Steps {
            session_id: self.session_id,
            cover: Some(Cover::All),
            deny_holds: Some(DeniedHolds::OfSession),
            ..Steps::default()
        };
        Ok(plan)
    }

    /// The plan of a decision on a held message of an author with this pseudonym.
    pub(super) fn decide(
        &self,
        held: HeldMessage,
        message_id: Option<MessageId>,
        target: Pseudonym,
        (read_standing, now): (u64, Timestamp),
    ) -> Plan {
        let mut plan = self.plan(Some(target), now);
        plan.entry.held_id = Some(held.id.clone());
        plan.entry.message_ids = message_id.into_iter().collect();
        let decision = if message_id.is_some() { Decision::Approved } else { Decision::Denied };
        let resolution = Resolution { held, decision, message_id, action_id: plan.entry.id.clone() };
        plan.resolving = Some(Resolving { resolution, read_standing });
        plan
    }

    /// The plan of taking an act back.
    pub(super) fn restore(&self, earlier: &Entry, now: Timestamp) -> Plan {
        let mut plan = self.plan(earlier.target.clone(), now);
        plan.entry.session_id = earlier.session_id;
        plan.entry.changes = Some(json!({ "action_id": earlier.id, "action": earlier.action }));
        plan.steps = Steps { session_id: earlier.session_id, restore: Some(earlier.id.clone()), ..Steps::default() };
        plan
    }

    /// The plan of taking the deletion of these messages back.
    pub(super) fn undelete(&self, earlier: &Entry, ids: Vec<MessageId>, now: Timestamp) -> Plan {
        let mut plan = self.plan(earlier.target.clone(), now);
        plan.entry.session_id = earlier.session_id;
        plan.entry.message_ids = ids;
        plan.entry.changes = Some(json!({ "action_id": earlier.id, "action": earlier.action }));
        plan
    }

    pub(super) fn must_have_session(&self) -> Result<u64, ChatError> {
        self.session_id.ok_or_else(ChatError::no_open_session)
    }

    pub(super) fn plan(&self, target: Option<Pseudonym>, now: Timestamp) -> Plan {
        let mut plan = Plan::of(ActorType::User, self.request.act.name(), self.session_id, now);
        (plan.entry.actor, plan.entry.target) = (self.pseudonym.clone(), target);
        plan.entry.is_by_service = self.request.acting_for.is_some();
        let (reason, explanation) = (self.request.reason.clone(), self.request.explanation.clone());
        plan.text = EntryText { reason, explanation, note: None };
        plan
    }
}

impl Plan {
    /// Changes a user's standing by the act. The list of sanctions follows.
    pub(super) fn change_standing(&mut self, before: &Standing, change: StandingChange) {
        let imposed = change.next.imposed_by(&self.entry.id);
        self.entry.imposed = imposed.map(|sanction| Imposed { kind: sanction.kind, scope: sanction.scope });
        self.steps.unlisted = before.dropped_by(&change.next);
        self.standing = Some(change);
    }

    /// The plan of an act that consists of its entry, by nobody.
    pub(super) fn of(actor_type: ActorType, action: &str, session_id: Option<u64>, now: Timestamp) -> Plan {
        let entry = Entry {
            id: ActionId::at(now),
            action: action.to_owned(),
            actor: Pseudonym::of_nobody(),
            actor_type,
            is_by_service: false,
            session_id,
            target: None,
            message_ids: Vec::new(),
            held_id: None,
            imposed: None,
            until_ms: None,
            changes: None,
        };
        Plan {
            entry,
            text: EntryText::default(),
            standing: None,
            tells_user: false,
            deleted: Vec::new(),
            rows: Vec::new(),
            resolving: None,
            steps: Steps::default(),
            announced: None,
        }
    }
}
