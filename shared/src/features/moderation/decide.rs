//! The decisions of staff on held messages: the acts `approve` and `deny` (docs/contract.md, Held messages).

use super::api::{ActionResponse, Refused};
use super::commit::{APPROVED, Committed, MOVE};
use super::plan::Order;
use crate::domain::broadcast::backpressure;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::Entry;
use crate::domain::moderation::held::{Decision, HeldMessage};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::moderation::request::{Act, Holds};
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::held::store::FoundHeld;
use crate::features::sessions::store_seq::SeqAllocation;
use crate::features::standing::check::Deed;

/// Tries of a decision whose author's standing is changed at the same time, or whose number became void.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Decides on the held messages of a request.
    pub(super) async fn decide_all(&self, order: &Order<'_>, holds: &Holds) -> Result<ActionResponse, ChatError> {
        let session = self.session_with_id(order.must_have_session()?).await?;
        let ids = match holds {
            Holds::One(id) => return self.view(self.decide(order, &session, id).await?).await.map(ActionResponse::one),
            Holds::Many(ids) => ids,
        };
        // One after the other: approved messages keep the order in which they were named, and those of an author share a row.
        let mut decisions = Vec::new();
        for id in ids {
            let outcome = self.decide(order, &session, id).await;
            decisions.push(Refused::of(id.as_str(), outcome)?);
        }
        self.bulk_response(decisions).await
    }

    /// Decides on a held message. Of two decisions, the first counts.
    async fn decide(&self, order: &Order<'_>, session: &Session, id: &HeldId) -> Result<Entry, ChatError> {
        if let Some(earlier) = self.earlier_act(order, id.as_str()).await? {
            return Ok(earlier);
        }
        for _ in 0..MAX_TRIES {
            let held = self.undecided(session, id).await?;
            let author = &held.author;
            let target = self.store.pseudonym_of(&author.user_id, Some(&author.username)).await?;
            let (message_id, read_standing) = match order.approves() {
                true => match self.number_for(session, &held).await? {
                    Some((message_id, read_standing)) => (Some(message_id), read_standing),
                    None => continue,
                },
                false => (None, 0),
            };
            let plan = order.decide(held, message_id, target, (read_standing, self.clock.now()));
            match self.commit(&plan, order.acted_key(id.as_str())).await? {
                Committed::Done(done) => return Ok(done.0),
                Committed::Repeated(action_id) => {
                    self.give_back(session, message_id).await?;
                    return self.finished(&action_id).await;
                }
                Committed::Moved(refused) => {
                    let is_void = refused.contains(&APPROVED);
                    self.give_back(session, message_id.filter(|_| !is_void)).await?;
                    if refused.contains(&MOVE) {
                        // The next look says why.
                        self.undecided(session, id).await?;
                    }
                }
            }
        }
        Err(ChatError::unavailable("others keep changing what this decision depends on"))
    }

    /// A held message on which it can be decided.
    async fn undecided(&self, session: &Session, id: &HeldId) -> Result<HeldMessage, ChatError> {
        match self.store.held(session.id, id).await? {
            Some(FoundHeld::Waiting(held)) if held.is_over(self.clock.now()) => Err(expired()),
            Some(FoundHeld::Waiting(held)) => Ok(*held),
            Some(FoundHeld::Resolved { decision, action_id, .. }) => Err(decided(decision, &action_id)),
            None => Err(ChatError::NotFound("There is no such held message".to_owned())),
        }
    }

    /// Allocates the next number for a message that is approved, under the rules in force and a standing of its author that lets it be
    /// stored; `None` if the rules have changed meanwhile. Returns the version of that standing, too.
    async fn number_for(&self, session: &Session, held: &HeldMessage) -> Result<Option<(MessageId, u64)>, ChatError> {
        let (rules, now) = (self.rules.of(session.id), self.clock.now());
        let standing = self.standing(&held.author.user_id).await?;
        let allowed = self.judge_standing(&standing, Some(session.id), &held.author, Deed::TakePart);
        allowed.map_err(|refusal| match refusal {
            ChatError::Banned(_) => ChatError::Conflict("The author is banned: lift the ban first".to_owned()),
            ChatError::TimedOut(_) => ChatError::Conflict("The author is timed out: lift that first".to_owned()),
            _ => ChatError::Conflict("The author's token was revoked".to_owned()),
        })?;
        if standing.shadows(Some(session.id), held.author.rank(), now) {
            return Err(ChatError::Conflict("The author is shadow banned: lift that first".to_owned()));
        }
        if self.replies_to_shadowed(&held.author, &held.draft()).await? {
            return Err(ChatError::Conflict("It replies to a message that nobody else sees: deny it".to_owned()));
        }
        match self.store.allocate_seq(session, rules, now).await? {
            SeqAllocation::Allocated(seq) => Ok(Some((MessageId::new(session.id, seq), standing.version))),
            SeqAllocation::RulesChanged(in_force) => {
                self.rules.note(session.id, in_force);
                Ok(None)
            }
            SeqAllocation::Closed => Err(ChatError::session_over()),
            SeqAllocation::Full => Err(ChatError::RateLimited {
                detail: "The room is too large for so many messages: try again soon".to_owned(),
                retry_after: backpressure::retry_after(rand::random()),
            }),
        }
    }

    /// Settles a number as void under which nothing will be stored. That spares the broadcast the wait for it.
    async fn give_back(&self, session: &Session, message_id: Option<MessageId>) -> Result<(), ChatError> {
        if let Some(id) = message_id {
            self.store.void_seq(session, id.seq(), self.clock.now()).await?;
        }
        Ok(())
    }
}

impl Order<'_> {
    fn approves(&self) -> bool {
        matches!(self.request.act, Act::Approve { .. })
    }
}

fn expired() -> ChatError {
    ChatError::Conflict("This message has expired: nobody decided on it in time".to_owned())
}

fn decided(decision: Decision, action_id: &ActionId) -> ChatError {
    match decision {
        Decision::Expired => expired(),
        first => ChatError::Conflict(format!("This message was {} already, by the action {action_id}", first.name())),
    }
}
