//! The list of terms: `GET` and `PUT /live-chat/moderation/terms`, and `POST /live-chat/moderation/terms/test`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Serialize;
use serde_json::json;

use super::plan::{Announced, Plan};
use super::store_unfinished::Steps;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::clickable;
use crate::domain::moderation::entry::{ActorType, EntryView};
use crate::domain::moderation::links::{self, Link};
use crate::domain::moderation::terms::{Action, IfMatch, Match, TermList, Terms, TestedText};
use crate::features::chat::Chat;
use crate::features::standing::check::Deed;

/// Tries of a `PUT` while others put lists at the same time.
const MAX_TRIES: usize = 20;

/// The response of `POST /live-chat/moderation/terms/test`.
#[derive(Debug, Serialize)]
pub struct TestResponse {
    normalized: String,
    matches: Vec<Match>,
    links: Vec<LinkView>,
}

/// A link of the text, and whether it is free whatever the mode `links` says.
#[derive(Debug, Serialize)]
struct LinkView {
    #[serde(flatten)]
    link: Link,
    allowed: bool,
}

impl Chat {
    /// The newest list of terms, with its version.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`] for a sanctioned reader, [`ChatError::Unavailable`].
    pub async fn terms(&self, reader: &Caller) -> Result<(u64, Terms), ChatError> {
        self.check_standing(None, reader, Deed::Moderate).await?;
        let (version, list) = self.newest_list().await?;
        Ok((version, list.written().clone()))
    }

    /// Tells what the newest list says about a text.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for the text, and those of [`Chat::terms`].
    pub async fn test_terms(&self, reader: &Caller, body: &[u8]) -> Result<TestResponse, ChatError> {
        let tested = TestedText::parse(body)?;
        self.check_standing(None, reader, Deed::Moderate).await?;
        let (_, list) = self.newest_list().await?;
        let text = tested.as_str();
        let view = |link: Link| LinkView { allowed: list.allows_link(&link), link };
        Ok(TestResponse {
            normalized: TermList::normalized(text),
            matches: list.judge(text).matches,
            links: links::links(text).into_iter().map(view).collect(),
        })
    }

    /// Replaces the list of terms. It judges every message that is sent after the answer. The answer is the entry of the log, and the
    /// list's version. The room of the open session hears of other domains for links.
    ///
    /// # Errors
    /// [`ChatError::PreconditionFailed`] if another list than that of `if_match` is the newest; [`ChatError::TooLarge`];
    /// [`ChatError::InvalidRequest`] that names the entry of the list, also one that shadows if that is switched off; [`ChatError::Forbidden`]; [`ChatError::Unavailable`].
    pub async fn put_terms(
        &self,
        actor: &Caller,
        if_match: &IfMatch,
        body: &[u8],
    ) -> Result<(u64, EntryView), ChatError> {
        actor.require_all_sessions()?;
        self.check_standing(None, actor, Deed::Moderate).await?;
        // It is compiled before it is stored: what is stored can be judged by.
        let list = TermList::parse(body)?;
        let shadowing = list.written().terms.iter().position(|term| term.action == Action::Shadow);
        if let Some(index) = shadowing.filter(|_| !self.config.moderation.shadow) {
            return Err(ChatError::InvalidRequest(format!("terms[{index}]: shadowing is switched off here")));
        }
        let json = serde_json::to_string(list.written()).map_err(ChatError::unavailable)?;
        let mut plan = self.terms_plan(actor, list.written()).await?;
        let links = self.clickable_links_to(clickable::domains_of(list.written()));
        for _ in 0..MAX_TRIES {
            let newest = self.store.newest_terms().await?;
            if !if_match.allows(newest) {
                return Err(ChatError::PreconditionFailed(
                    "Another list of terms is in force: read it first".to_owned(),
                ));
            }
            let uploaded = self.store.upload_terms(newest, &json, links.domains.clone()).await?;
            let version = uploaded.version;
            // A list that cannot be read is replaced as any other, and then the room had better hear of the new one.
            let are_known = self.clickable_links(newest).await.is_ok_and(|before| before == links);
            plan.announced = (!are_known).then(|| Announced::Links(links.clone()));
            plan.put_terms(version, self.store.point_at_terms(&uploaded, self.clock.now())?);
            if let Some(entry) = self.carry_out(&plan, None).await? {
                return Ok((version, self.view(entry).await?));
            }
        }
        Err(ChatError::unavailable("others keep putting lists of terms"))
    }

    /// Lets all open sessions be judged by a version of the list. Sessions are listed until there is no new one; one that is opened later
    /// begins with the newest version.
    pub(super) async fn enforce_terms(&self, version: u64) -> Result<(), ChatError> {
        let mut done = BTreeSet::new();
        loop {
            let open = self.store.unended_sessions(self.clock.now()).await?;
            let left: Vec<u64> = open.difference(&done).copied().collect();
            if left.is_empty() {
                return Ok(());
            }
            for session_id in left {
                self.store.use_terms(session_id, version).await?;
                done.insert(session_id);
            }
        }
    }

    /// Removes versions of the list that were replaced an hour ago, unless an open session still names one of them.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn remove_replaced_terms(&self) -> Result<(), ChatError> {
        let now = self.clock.now();
        let replaced = self.store.replaced_terms(now).await?;
        if replaced.is_empty() {
            return Ok(());
        }
        for session_id in self.store.unended_sessions(now).await? {
            if self.store.terms_of_session(session_id).await?.is_some_and(|version| version < replaced.end) {
                return Ok(());
            }
        }
        Ok(self.store.remove_terms(replaced).await?)
    }

    async fn newest_list(&self) -> Result<(u64, std::sync::Arc<TermList>), ChatError> {
        let version = self.store.newest_terms().await?;
        Ok((version, self.term_list(version).await?))
    }

    /// The plan of putting a list. Its entry tells how much is in the list, not what.
    async fn terms_plan(&self, actor: &Caller, list: &Terms) -> Result<Plan, ChatError> {
        let session_id = match self.current_session().await {
            Err(ChatError::ChatNotActive(_)) => None,
            session => Some(session?.id),
        };
        let mut plan = Plan::of(ActorType::User, "put_terms", session_id, self.clock.now());
        plan.entry.actor = self.store.pseudonym_of(&actor.user_id, Some(&actor.username)).await?;
        let (terms, allow, domains) = (list.terms.len(), list.allow.len(), list.link_domains.len());
        plan.entry.changes = Some(json!({ "terms": terms, "allow": allow, "link_domains": domains }));
        Ok(plan)
    }
}

impl Plan {
    /// Makes a version of the list the newest, unless another one did since it was uploaded.
    fn put_terms(&mut self, version: u64, rows: [TransactWriteItem; 2]) {
        self.steps = Steps { terms_version: Some(version), ..Steps::default() };
        if let Some(changes) = &mut self.entry.changes {
            changes["version"] = json!(version);
        }
        self.rows = rows.into();
    }
}
