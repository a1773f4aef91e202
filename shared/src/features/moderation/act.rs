//! Acting: `POST /live-chat/moderation/actions`.

use futures_util::{StreamExt, TryStreamExt};

use super::api::{ActionResponse, Refused};
use super::commit::Committed;
use super::plan::{Order, Plan};
use super::store_unfinished::UnfinishedAct;
use crate::domain::caller::{Caller, Rank};
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::entry::{Entry, EntryText, EntryView};
use crate::domain::moderation::request::{Act, ActionRequest, Users};
use crate::features::chat::Chat;
use crate::features::standing::check::Deed;

/// A transaction has at most 100 items, and 4 MB.
const MESSAGES_PER_ACT: usize = 25;
/// Users that are acted on at once.
const CONCURRENT_ACTS: usize = 8;
/// Tries of an act whose user's standing is changed by others at the same time.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Acts as a host or moderator. The answer is the acts' entries in the log: what they say is in force.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`] without the capability, for a sanctioned actor, or against an equal or higher rank;
    /// [`ChatError::NotFound`] for a session or a message; [`ChatError::Conflict`] with what holds; [`ChatError::Unavailable`].
    pub async fn act(&self, actor: &Caller, request: &ActionRequest) -> Result<ActionResponse, ChatError> {
        actor.require(request.act.capability())?;
        self.must_allow(&request.act)?;
        let session_id = self.session_of_act(actor, request).await?;
        self.check_standing(session_id, actor, Deed::Moderate).await?;
        let (actor_id, actor_name) = named_actor(actor, request)?;
        let pseudonym = self.store.pseudonym_of(actor_id, actor_name).await?;
        let order = Order { actor, request, session_id, pseudonym };
        // What is boxed is no part of this future: all branches together would be too large for the stack of a debug build.
        match &request.act {
            Act::Delete { message_ids } => self.delete_all(&order, message_ids).await,
            Act::Note { user_id, .. } | Act::RevokeTokens { user_id, .. } | Act::Erase { user_id } => {
                Box::pin(self.act_on_one(&order, user_id)).await
            }
            Act::Timeout { users, .. }
            | Act::Ban { users, .. }
            | Act::ShadowBan { users }
            | Act::Lift { users }
            | Act::Disconnect { users }
            | Act::Purge { users } => Box::pin(self.act_on_users(&order, users)).await,
            Act::Approve { holds } | Act::Deny { holds } => self.decide_all(&order, holds).await,
            Act::SetModes { .. } | Act::Shield { .. } => self.act_on_modes(&order).await.map(ActionResponse::one),
            Act::Answer { .. }
            | Act::PutPresets
            | Act::CreateSession
            | Act::UpdateSession
            | Act::EndSession
            | Act::StartPoll
            | Act::ClosePoll
            | Act::StartDraw
            | Act::RevealDraw
            | Act::Redraw => Err(ChatError::InvalidRequest("This act has a route of its own".to_owned())),
            Act::Clear => self.act_at_once(&order, order.clear(self.clock.now())?).await,
            Act::DismissReports { message_id } => self.dismiss_reports(&order, *message_id).await,
            Act::Pin { message_id } | Act::Unpin { message_id } => {
                Box::pin(self.act_on_pins(&order, *message_id)).await
            }
            Act::Restore { action_id } => self.restore(&order, action_id).await,
        }
    }

    /// Refuses an act that the operator has switched off.
    fn must_allow(&self, act: &Act) -> Result<(), ChatError> {
        let is_off = matches!(act, Act::ShadowBan { .. }) && !self.config.moderation.shadow;
        if is_off { Err(ChatError::Forbidden("Shadow bans are switched off here".to_owned())) } else { Ok(()) }
    }

    /// The session of an act: the one that is named, which may have ended, or the open one, if there is one. An actor whose token is limited
    /// to sessions acts in one of them.
    async fn session_of_act(&self, actor: &Caller, request: &ActionRequest) -> Result<Option<u64>, ChatError> {
        if let Act::RevokeTokens { .. } | Act::Erase { .. } = request.act {
            actor.require_all_sessions()?;
        }
        let session = match request.session_id.or(request.act.session_of_message()) {
            Some(id) => self.session_with_id(id).await,
            None => self.current_session().await,
        };
        match session {
            Ok(session) => {
                actor.require_session(&session)?;
                Ok(Some(session.id))
            }
            Err(ChatError::ChatNotActive(_)) if actor.sessions.is_none() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// An act that depends on no standing.
    pub(super) async fn act_at_once(&self, order: &Order<'_>, plan: Plan) -> Result<ActionResponse, ChatError> {
        let entry = match self.earlier_act(order, "").await? {
            Some(earlier) => Some(earlier),
            None => self.carry_out(&plan, order.acted_key("")).await?,
        };
        let entry = entry.ok_or_else(|| ChatError::unavailable("an act without a condition was refused"))?;
        self.view(entry).await.map(ActionResponse::one)
    }

    async fn act_on_users(&self, order: &Order<'_>, users: &Users) -> Result<ActionResponse, ChatError> {
        let user_ids = match users {
            Users::One(user_id) => return self.act_on_one(order, user_id).await,
            Users::Many(user_ids) => user_ids.clone(),
        };
        let acts = futures_util::stream::iter(user_ids)
            .map(|user_id| async move {
                let outcome = self.act_on(order, &user_id).await;
                Refused::of(&user_id, outcome)
            })
            .buffered(CONCURRENT_ACTS)
            .collect::<Vec<_>>()
            .await;
        let (mut entries, mut unfinished) = (Vec::new(), Vec::new());
        for act in &acts {
            if let Ok(Ok((_, Some(act)))) = act {
                unfinished.push(act.clone());
            }
        }
        // What is stored is put in force, even if another act failed.
        self.finish(unfinished).await?;
        for act in acts {
            entries.push(act?.map(|(entry, _)| entry));
        }
        self.bulk_response(entries).await
    }

    async fn act_on_one(&self, order: &Order<'_>, user_id: &str) -> Result<ActionResponse, ChatError> {
        let (entry, unfinished) = self.act_on(order, user_id).await?;
        self.finish(unfinished.into_iter().collect()).await?;
        self.view(entry).await.map(ActionResponse::one)
    }

    /// Stores the act on one user, whose steps are left to finish. The standing is read and replaced until nobody else has changed it
    /// meanwhile.
    async fn act_on(&self, order: &Order<'_>, user_id: &str) -> Result<(Entry, Option<UnfinishedAct>), ChatError> {
        if let Some(earlier) = self.earlier_act(order, user_id).await? {
            return Ok((earlier, None));
        }
        let known = self.known_user(order.session_id, user_id).await?;
        if order.request.act.is_bound_by_rank() {
            let rank = known.as_ref().map_or(Rank::Everybody, Caller::rank);
            must_outrank(order.actor, user_id, rank)?;
            if rank > Rank::Everybody && matches!(order.request.act, Act::ShadowBan { .. }) {
                return Err(ChatError::Conflict("Staff see shadowed messages: time this user out instead".to_owned()));
            }
        }
        let username = known.as_ref().map(|user| user.username.as_str());
        let target = self.store.pseudonym_of(user_id, username).await?;
        for _ in 0..MAX_TRIES {
            let (standing, kept) = Box::pin(self.standing_to_change(user_id)).await?;
            let mut plan = order.on_user(user_id, target.clone(), standing, self.clock.now())?;
            plan.rows.extend(kept.filter(|_| plan.standing.is_some()));
            if let Act::Erase { .. } = order.request.act {
                plan.rows.push(self.store.put_erasure(&plan.entry.id, user_id, &target)?);
            }
            if let Some(change) = &mut plan.standing {
                change.username = username.map(str::to_owned);
            }
            if let Act::ShadowBan { .. } = order.request.act {
                plan.rows.extend(Box::pin(self.unpin_author(order.session_id, user_id)).await?);
            }
            match self.commit(&plan, order.acted_key(user_id)).await? {
                Committed::Done(done) => {
                    let (entry, unfinished) = *done;
                    return Ok((entry, Some(unfinished)));
                }
                Committed::Repeated(id) => return Ok((self.finished(&id).await?, None)),
                Committed::Moved(_) => {}
            }
        }
        Err(ChatError::unavailable("others keep changing the standing of this user"))
    }

    /// The user as the newest open socket shows it: the name, and the rank of its token. Nothing is known of users without one.
    pub(super) async fn known_user(&self, session_id: Option<u64>, user_id: &str) -> Result<Option<Caller>, ChatError> {
        let Some(session_id) = session_id else { return Ok(None) };
        let mut known: Option<Caller> = None;
        for connection_id in self.store.sockets_of(session_id, user_id).await? {
            let socket = self.store.socket(&connection_id).await?;
            let caller = socket.map(|socket| socket.caller);
            if caller.as_ref().is_some_and(|caller| known.as_ref().is_none_or(|known| caller.rank() >= known.rank())) {
                known = caller;
            }
        }
        Ok(known)
    }

    async fn delete_all(&self, order: &Order<'_>, message_ids: &[MessageId]) -> Result<ActionResponse, ChatError> {
        let mut entries = Vec::new();
        for (lot, message_ids) in message_ids.chunks(MESSAGES_PER_ACT).enumerate() {
            entries.extend(self.delete_lot(order, message_ids.to_vec(), &lot.to_string()).await?);
        }
        match (entries.pop(), message_ids.len() <= MESSAGES_PER_ACT) {
            (None, _) => Err(ChatError::no_such_message()),
            (Some(entry), true) => self.view(entry).await.map(ActionResponse::one),
            (Some(last), false) => {
                entries.push(last);
                self.bulk_response(entries.into_iter().map(Ok).collect()).await
            }
        }
    }

    /// Those of some messages that stand. The change of an old one is noted before it happens, so that the broadcast finds it.
    async fn standing_messages(&self, order: &Order<'_>, ids: Vec<MessageId>) -> Result<Vec<MessageId>, ChatError> {
        let ids: Vec<MessageId> = ids.into_iter().filter(|id| order.session_id == Some(id.session_id())).collect();
        let looking = futures_util::stream::iter(ids).map(|id| async move {
            let Some(message) = self.store.kept_message(id, self.clock.now()).await? else { return Ok(None) };
            self.store.note_old_change(&message, self.clock.now()).await?;
            Ok::<_, ChatError>(Some(id))
        });
        let found: Vec<Option<MessageId>> = looking.buffered(CONCURRENT_ACTS).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    pub(super) async fn bulk_response(
        &self,
        entries: Vec<Result<Entry, Refused>>,
    ) -> Result<ActionResponse, ChatError> {
        let views = futures_util::stream::iter(entries).map(|entry| async move {
            match entry {
                Ok(entry) => self.view(entry).await.map(Ok),
                Err(refused) => Ok(Err(refused)),
            }
        });
        views.buffered(CONCURRENT_ACTS).try_collect().await.map(ActionResponse::many)
    }

    /// Deletes some messages in one act. Those that are gone are left out; `None` if all are.
    pub(super) async fn delete_lot(
        &self,
        order: &Order<'_>,
        mut message_ids: Vec<MessageId>,
        part: &str,
    ) -> Result<Option<Entry>, ChatError> {
        if let Some(earlier) = self.earlier_act(order, part).await? {
            return Ok(Some(earlier));
        }
        message_ids = self.standing_messages(order, message_ids).await?;
        while !message_ids.is_empty() {
            let plan: Plan = order.delete(message_ids.clone(), self.clock.now());
            match self.commit(&plan, order.acted_key(part)).await? {
                Committed::Done(done) => return Ok(Some(done.0)),
                Committed::Repeated(id) => return self.finished(&id).await.map(Some),
                Committed::Moved(gone) => {
                    let mut index = 0..;
                    message_ids.retain(|_| !index.next().is_some_and(|index| gone.contains(&index)));
                }
            }
        }
        Ok(None)
    }

    /// An entry as staff see it.
    pub(crate) async fn view(&self, entry: Entry) -> Result<EntryView, ChatError> {
        let about = entry.target.as_ref().unwrap_or(&entry.actor);
        let text = self.store.entry_text(about, &entry.id).await?;
        self.view_with(entry, text).await
    }

    /// An entry with its text, as staff see it.
    pub(super) async fn view_with(&self, entry: Entry, text: EntryText) -> Result<EntryView, ChatError> {
        let target = async {
            match &entry.target {
                Some(target) => self.store.person(target).await.map(Some),
                None => Ok(None),
            }
        };
        let (actor, target) = tokio::try_join!(self.store.person(&entry.actor), target)?;
        Ok(EntryView::of(entry, actor, target, text, &self.config.sessions.zone))
    }
}

/// The actor whom the log names: the person for whom one of the customer's servers acts, or the caller.
pub(super) fn named_actor<'a>(
    actor: &'a Caller,
    request: &'a ActionRequest,
) -> Result<(&'a str, Option<&'a str>), ChatError> {
    match &request.acting_for {
        None => Ok((&actor.user_id, Some(&actor.username))),
        Some(person) if actor.is_service => Ok((&person.user_id, person.username.as_deref())),
        Some(_) => Err(ChatError::Forbidden("Only servers act for others (acting_for)".to_owned())),
    }
}

/// Nobody acts against an equal or higher rank, oneself included.
fn must_outrank(actor: &Caller, user_id: &str, rank: Rank) -> Result<(), ChatError> {
    if actor.user_id == user_id {
        return Err(ChatError::Forbidden("Nobody acts against oneself".to_owned()));
    }
    if actor.rank().is_above(rank) {
        Ok(())
    } else {
        Err(ChatError::Forbidden("This user's rank is not below yours".to_owned()))
    }
}
