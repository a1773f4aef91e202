//! The plan of an act on a user: how the standing changes, and what goes with it.

use jiff::Timestamp;
use serde_json::json;

use super::plan::{Order, Plan, StandingChange};
use super::store_unfinished::Steps;
use crate::domain::cover::Cover;
use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::Pseudonym;
use crate::domain::moderation::held::DeniedHolds;
use crate::domain::moderation::request::Act;
use crate::domain::moderation::standing::{Sanction, SanctionKind, Scope, Standing};

impl Order<'_> {
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
        let before = standing.clone();
        plan.steps = Steps { user_id: Some(user_id.to_owned()), session_id: self.session_id, ..Steps::default() };
        let next = self.next_standing(&mut plan, standing, now)?;
        if self.takes_messages() {
            // That changes the rules, too.
            self.must_have_session()?;
            plan.steps.cover = Some(Cover::User(user_id.to_owned()));
            plan.steps.deny_holds.get_or_insert(DeniedHolds::OfUserInSession);
        }
        plan.steps.change_rules =
            plan.steps.cover.is_none() && next.as_ref().is_some_and(|next| next.notes == before.notes);
        plan.tells_user |= matches!(self.request.act, Act::Timeout { .. } | Act::Ban { .. });
        if let Some(next) = next {
            let read_version = before.version;
            let change = StandingChange { user_id: user_id.to_owned(), username: None, read_version, next };
            plan.change_standing(&before, change);
        }
        Ok(plan)
    }

    /// The standing after the act, and what else the plan has on account of it; `None` if the standing stays.
    fn next_standing(
        &self,
        plan: &mut Plan,
        standing: Standing,
        now: Timestamp,
    ) -> Result<Option<Standing>, ChatError> {
        Ok(match &self.request.act {
            Act::Timeout { seconds, delete_messages, .. } => {
                if standing.is_banned(self.session_id, now) {
                    return Err(banned());
                }
                let until_ms = now.as_millisecond() + seconds * 1000;
                plan.entry.until_ms = Some(until_ms);
                plan.entry.changes = Some(json!({ "delete_messages": delete_messages }));
                Some(standing.with(
                    self.sanction(&plan.entry.id, SanctionKind::Timeout, self.scope(false)?, Some(until_ms)),
                    now,
                ))
            }
            Act::Ban { session_only, delete_messages, .. } => {
                let scope = self.scope(*session_only)?;
                plan.steps.close_sockets = true;
                plan.steps.everywhere = scope == Scope::All;
                plan.steps.deny_holds = Some(match scope {
                    Scope::All => DeniedHolds::OfUser,
                    Scope::Session(_) => DeniedHolds::OfUserInSession,
                });
                plan.entry.changes = Some(json!({ "session_only": session_only, "delete_messages": delete_messages }));
                Some(standing.with(self.sanction(&plan.entry.id, SanctionKind::Ban, scope, None), now))
            }
            Act::ShadowBan { .. } => {
                if standing.is_banned(self.session_id, now) {
                    return Err(banned());
                }
                Some(standing.with(self.sanction(&plan.entry.id, SanctionKind::Shadow, self.scope(false)?, None), now))
            }
            Act::Lift { .. } => {
                let told = standing.told(now);
                let (next, has_lifted) = standing.lifted(self.reach()?, self.actor.rank(), now);
                if !has_lifted {
                    return Err(ChatError::Conflict("Nothing holds that you may lift".to_owned()));
                }
                plan.tells_user = next.told(now) < told;
                Some(next)
            }
            Act::RevokeTokens { issued_before, .. } => {
                let before = issued_before.unwrap_or_else(|| now.as_second());
                (plan.steps.close_sockets, plan.steps.everywhere) = (true, true);
                plan.entry.changes = Some(json!({ "issued_before": before }));
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
            Act::Erase { .. } => {
                (plan.steps.close_sockets, plan.steps.everywhere) = (true, true);
                plan.steps.deny_holds = Some(DeniedHolds::OfUser);
                None
            }
            Act::Purge { .. }
            | Act::Delete { .. }
            | Act::Clear
            | Act::Restore { .. }
            | Act::Approve { .. }
            | Act::Deny { .. }
            | Act::SetModes { .. }
            | Act::Shield { .. }
            | Act::PutPresets
            | Act::CreateSession
            | Act::UpdateSession
            | Act::EndSession
            | Act::StartPoll
            | Act::ClosePoll
            | Act::StartDraw
            | Act::RevealDraw
            | Act::Redraw
            | Act::DismissReports { .. }
            | Act::Answer { .. }
            | Act::Pin { .. }
            | Act::Unpin { .. } => None,
        })
    }

    /// Whether the act takes the user's messages of the session.
    fn takes_messages(&self) -> bool {
        match &self.request.act {
            Act::Purge { .. } => true,
            Act::Timeout { delete_messages, .. } | Act::Ban { delete_messages, .. } => *delete_messages,
            _ => false,
        }
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
        if session_only { self.must_have_session().map(Scope::Session) } else { self.reach() }
    }

    /// How far the actor's acts reach: a token that is limited to sessions acts in the one that is addressed.
    fn reach(&self) -> Result<Scope, ChatError> {
        match &self.actor.sessions {
            None => Ok(Scope::All),
            Some(_) => self.must_have_session().map(Scope::Session),
        }
    }
}

fn banned() -> ChatError {
    ChatError::Conflict("This user is banned: lift the ban first".to_owned())
}
