//! Who is banned or timed out: `GET /live-chat/moderation/sanctions`.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::log::LogRequest;
use super::store_log::LogQuery;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{Imposed, Person, Pseudonym};
use crate::domain::moderation::standing::Scope;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

/// People and standings that are read at once.
const CONCURRENT_READS: usize = 16;

/// Which sanctions a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct SanctionsRequest<'a> {
    /// `session_id` or `room`.
    pub session: Addressed<'a>,
    /// `active`.
    pub active: Option<&'a str>,
    /// `before`.
    pub before: Option<&'a str>,
    /// `limit`.
    pub limit: Option<&'a str>,
}

/// The response of `GET /live-chat/moderation/sanctions`.
#[derive(Debug, Serialize)]
pub struct SanctionsResponse {
    sanctions: Vec<ListedSanction>,
    has_more: bool,
    /// The id before which the next page begins.
    next_before: Option<ActionId>,
}

/// A sanction, as staff see it in the list.
#[derive(Debug, Serialize)]
struct ListedSanction {
    #[serde(flatten)]
    user: Person,
    state: &'static str,
    /// Whether it holds.
    active: bool,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<u64>,
    until: Option<String>,
    at: String,
    /// The act that imposed it.
    reference: ActionId,
    actor: Person,
}

impl Chat {
    /// A page of sanctions, newest first: those that hold, or, with `active=false`, all that the audit log has. A session means the one
    /// in which the act happened, as in the log.
    ///
    /// Of sanctions that hold, a page costs one query, and at most four more behind thousands that ended lately; of all, it costs what a
    /// page of the log does, and a point read of each standing. Each person whose name the list lacks costs a point read.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::InvalidRequest`] for a parameter, [`ChatError::Unavailable`].
    pub async fn listed_sanctions(
        &self,
        reader: &Caller,
        request: SanctionsRequest<'_>,
    ) -> Result<SanctionsResponse, ChatError> {
        let SanctionsRequest { session, before, limit, .. } = request;
        let page = LogRequest { session, before, limit, ..LogRequest::default() };
        let asked = self.log_page_query(reader, page).await?;
        self.check_standing(asked.session_id, reader, Deed::Moderate).await?;
        match request.active {
            None | Some("true") => self.sanctions_that_hold(&asked).await,
            Some("false") => self.sanctions_of_the_log(LogQuery { of_sanctions: true, ..asked }).await,
            Some(_) => Err(ChatError::InvalidRequest("active is true or false".to_owned())),
        }
    }

    async fn sanctions_that_hold(&self, asked: &LogQuery) -> Result<SanctionsResponse, ChatError> {
        let page = self.store.sanction_page(asked, self.clock.now()).await?;
        let mut pseudonyms = BTreeSet::new();
        for row in &page.sanctions {
            pseudonyms.insert(row.actor.clone());
            pseudonyms.extend(row.target.clone().filter(|_| row.username.is_none()));
        }
        let people = self.people_of(pseudonyms).await?;
        let views = page.sanctions.into_iter().map(|row| {
            let known = row.target.as_ref().and_then(|target| people.get(target)?.username.clone());
            let user = Person { user_id: Some(row.user_id), username: row.username.or(known) };
            let imposed = Imposed { kind: row.sanction.kind, scope: row.sanction.scope };
            let actor = people.get(&row.actor).cloned().unwrap_or_default();
            self.listed_sanction(row.sanction.reference, imposed, row.sanction.until_ms, (user, actor), true)
        });
        Ok(response(views.collect(), page.next_before))
    }

    /// The sanctions of the log. Whether one holds is asked of its user's standing, strongly consistent.
    async fn sanctions_of_the_log(&self, asked: LogQuery) -> Result<SanctionsResponse, ChatError> {
        let page = self.store.log_page(&asked, self.clock.now()).await?;
        let pseudonyms = page.entries.iter().flat_map(|entry| entry.target.iter().chain([&entry.actor]).cloned());
        let people = self.people_of(pseudonyms.collect()).await?;
        let person = |pseudonym: &Pseudonym| people.get(pseudonym).cloned().unwrap_or_default();
        let entries = page.entries.into_iter().filter_map(|entry| Some((entry.imposed?, entry)));
        let views = futures_util::stream::iter(entries).map(|(imposed, entry)| {
            let (user, actor) = (entry.target.as_ref().map(person).unwrap_or_default(), person(&entry.actor));
            async move {
                let active = self.is_active(user.user_id.as_deref(), &entry.id).await?;
                Ok::<_, ChatError>(self.listed_sanction(entry.id, imposed, entry.until_ms, (user, actor), active))
            }
        });
        Ok(response(views.buffered(CONCURRENT_READS).try_collect().await?, page.next_before))
    }

    /// Whether the sanction of an act holds. Nobody is known any more after an erasure.
    async fn is_active(&self, user_id: Option<&str>, act: &ActionId) -> Result<bool, ChatError> {
        let Some(user_id) = user_id else { return Ok(false) };
        let standing = self.standing(user_id).await?;
        Ok(standing.imposed_by(act).is_some_and(|sanction| !sanction.has_ended(self.clock.now())))
    }

    /// The people behind pseudonyms. Each is read once: in a raid, one moderator stands behind a whole page.
    async fn people_of(&self, pseudonyms: BTreeSet<Pseudonym>) -> Result<BTreeMap<Pseudonym, Person>, ChatError> {
        let people = futures_util::stream::iter(pseudonyms).map(|pseudonym| async move {
            let person = self.store.person(&pseudonym).await?;
            Ok::<_, ChatError>((pseudonym, person))
        });
        people.buffered(CONCURRENT_READS).try_collect().await
    }

    fn listed_sanction(
        &self,
        reference: ActionId,
        imposed: Imposed,
        until_ms: Option<i64>,
        (user, actor): (Person, Person),
        active: bool,
    ) -> ListedSanction {
        let zone = &self.config.sessions.zone;
        let (scope, session_id) = match imposed.scope {
            Scope::All => ("all", None),
            Scope::Session(id) => ("session", Some(id)),
        };
        ListedSanction {
            user,
            state: imposed.kind.state(),
            active,
            scope,
            session_id,
            until: until_ms.map(|until_ms| time::to_the_second(time::full_second(until_ms), zone)),
            at: time::to_the_millisecond(reference.time(), zone),
            reference,
            actor,
        }
    }
}

fn response(sanctions: Vec<ListedSanction>, next_before: Option<ActionId>) -> SanctionsResponse {
    SanctionsResponse { sanctions, has_more: next_before.is_some(), next_before }
}
