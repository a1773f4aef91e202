//! Decisions on held messages that nobody in person makes: what staff did to the author or the room denies them, and so do the end of
//! their time and of their session. The decisions of staff are acts ([`crate::domain::moderation::request::Act`]).

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use tokio::time::Instant;

use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::notice::Notice;
use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{ActorType, Entry, EntryText, EntryView, Person, Pseudonym};
use crate::domain::moderation::held::{Decision, DeniedHolds, HeldMessage, Resolution};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::session::Session;
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::held::store::FoundHeld;
use crate::features::held::store_waiting::Waiting;

/// Authors whose messages are denied at once.
const CONCURRENT_AUTHORS: usize = 8;
/// Messages that are listed at once.
const LISTED: usize = 100;

/// Why a message is denied without a decision on it.
#[derive(Clone, Copy, Debug)]
enum Cause<'a> {
    /// Its time is over.
    Deadline,
    /// Its session has ended.
    SessionEnd,
    /// An act against its author or the room.
    Act(&'a ActionId),
}

/// How much of what waits was denied.
enum Denied {
    All,
    Some,
}

impl Cause<'_> {
    fn decision(self) -> Decision {
        match self {
            Cause::Deadline | Cause::SessionEnd => Decision::Expired,
            Cause::Act(_) => Decision::Denied,
        }
    }

    /// `changes` of the entry.
    fn changes(self) -> serde_json::Value {
        match self {
            Cause::Deadline => json!({ "cause": "expired" }),
            Cause::SessionEnd => json!({ "cause": "session_ended" }),
            Cause::Act(id) => json!({ "cause": "action", "action_id": id }),
        }
    }
}

impl Chat {
    /// Denies what an act's user, or everybody, has waiting. Repeatable.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub(crate) async fn deny_holds(
        &self,
        which: DeniedHolds,
        user_id: Option<&str>,
        session_id: Option<u64>,
        act: &ActionId,
    ) -> Result<(), ChatError> {
        let waiting = match (which, user_id, session_id) {
            (DeniedHolds::OfUser, Some(user_id), _) => self.store.all_waiting_of(user_id).await?,
            (DeniedHolds::OfUserInSession, Some(user_id), Some(session_id)) => {
                vec![(session_id, self.store.waiting_of(user_id, session_id).await?)]
            }
            (DeniedHolds::OfSession, _, Some(session_id)) => {
                return self.deny_lots(session_id, Waiting::All, Cause::Act(act), None).await.map(drop);
            }
            _ => Vec::new(),
        };
        for (session_id, ids) in waiting {
            // One after the other, for they share the row of what their author has waiting.
            for id in ids {
                self.deny_by_id(session_id, id, act).await?;
            }
        }
        Ok(())
    }

    /// Denies what waits longer than it may. After `until`, the rest waits for the next minute.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn expire_holds(&self, session: &Session, until: Instant) -> Result<(), ChatError> {
        self.deny_lots(session.id, Waiting::Over(self.clock.now()), Cause::Deadline, Some(until)).await.map(drop)
    }

    /// Denies all that waits in a session that is over, and whatever is held in it from now on. What a hold has acknowledged before is among
    /// it: see [`crate::platform::dynamo::Store::holds_are_closed`].
    ///
    /// # Errors
    /// [`ChatError::Unavailable`], also if there is more than could be denied until then.
    pub async fn end_holds(&self, session: &Session, until: Instant) -> Result<(), ChatError> {
        self.store.close_holds(session, self.clock.now()).await?;
        match self.deny_lots(session.id, Waiting::All, Cause::SessionEnd, Some(until)).await? {
            Denied::All => Ok(()),
            Denied::Some => Err(ChatError::unavailable("there was no time to deny all held messages")),
        }
    }

    /// Denies what was stored as held although the session has ended. Its sender was told so.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn deny_late_holds(&self, session: &Session, until: Instant) -> Result<(), ChatError> {
        self.deny_lots(session.id, Waiting::All, Cause::SessionEnd, Some(until)).await.map(drop)
    }

    /// Denies what waits, in lots, until nothing is left or the time is up.
    async fn deny_lots(
        &self,
        session_id: u64,
        which: Waiting,
        cause: Cause<'_>,
        until: Option<Instant>,
    ) -> Result<Denied, ChatError> {
        let mut after = None;
        loop {
            let page = self.store.waiting(session_id, which, after.as_ref(), LISTED).await?;
            if !page.held.is_empty() && until.is_some_and(|until| Instant::now() >= until) {
                return Ok(Denied::Some);
            }
            let denials = by_author(page.held).map(|held| self.deny_each(held, cause));
            futures_util::stream::iter(denials).buffer_unordered(CONCURRENT_AUTHORS).try_collect::<()>().await?;
            after = page.next_after;
            if after.is_none() {
                return Ok(Denied::All);
            }
        }
    }

    /// Denies messages of one author, one after the other.
    async fn deny_each(&self, held: Vec<HeldMessage>, cause: Cause<'_>) -> Result<(), ChatError> {
        for held in held {
            self.deny(held, cause).await?;
        }
        Ok(())
    }

    async fn deny_by_id(&self, session_id: u64, id: HeldId, act: &ActionId) -> Result<(), ChatError> {
        match self.store.held(session_id, &id).await? {
            Some(FoundHeld::Waiting(held)) => self.deny(*held, Cause::Act(act)).await,
            Some(FoundHeld::Resolved { .. }) | None => Ok(()),
        }
    }

    /// Denies a message with its entry in the log and the notices of it, in one transaction. Nothing happens to one that was decided on.
    async fn deny(&self, held: HeldMessage, cause: Cause<'_>) -> Result<(), ChatError> {
        let (now, session_id, author) = (self.clock.now(), held.session_id, &held.author);
        // Nobody decides after the deadline, so what is denied then has expired, whatever the cause.
        let decision = if held.is_over(now) { Decision::Expired } else { cause.decision() };
        let target = self.store.pseudonym_of(&author.user_id, Some(&author.username)).await?;
        let entry = Entry {
            id: ActionId::at(now),
            action: "deny".to_owned(),
            actor: Pseudonym::of_nobody(),
            actor_type: ActorType::System,
            is_by_service: false,
            session_id: Some(session_id),
            target: Some(target),
            message_ids: Vec::new(),
            held_id: Some(held.id.clone()),
            imposed: None,
            until_ms: None,
            changes: Some(cause.changes()),
        };
        let person = Person { user_id: Some(author.user_id.clone()), username: Some(author.username.clone()) };
        let (zone, text) = (&self.config.sessions.zone, EntryText::default());
        let view = EntryView::of(entry.clone(), Person::default(), Some(person), text, zone);
        let action = serde_json::to_value(view).map_err(ChatError::unavailable)?;
        let resolution = Resolution { held, decision, message_id: None, action_id: entry.id.clone() };
        let mut actions = self.store.resolve(&resolution, now)?;
        actions.extend(self.store.put_entry(&entry, self.store.entry_expires_at(now))?);
        let told =
            Notice::new(Audience::Staff, &ServerFrame::ModerationAction { action: &action }, now, rand::random());
        for notice in std::iter::once(told).chain(resolution.notices(now, rand::random)) {
            actions.push(self.store.notice(session_id, &notice, now)?);
        }
        self.store.transact(actions).await?;
        Ok(())
    }
}

fn by_author(held: Vec<HeldMessage>) -> impl Iterator<Item = Vec<HeldMessage>> {
    let mut authors: BTreeMap<String, Vec<HeldMessage>> = BTreeMap::new();
    for held in held {
        authors.entry(held.author.user_id.clone()).or_default().push(held);
    }
    authors.into_values()
}
