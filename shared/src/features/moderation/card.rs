//! What staff know about a user: `GET /live-chat/moderation/users/{user_id}`.

use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::store_log::LogQuery;
use crate::domain::caller::{Caller, Rank, parse_user_id};
use crate::domain::error::ChatError;
use crate::domain::message::Message;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{EntryText, Person, Pseudonym};
use crate::domain::moderation::standing::{Sanction, Scope, Standing};
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

/// The card has so many notes, the newest ones.
const NOTES: usize = 50;
/// Entries that are read at once.
const CONCURRENT_READS: usize = 8;

/// The response of `GET /live-chat/moderation/users/{user_id}`.
#[derive(Debug, Serialize)]
pub struct CardResponse {
    user_id: String,
    username: Option<String>,
    roles: Vec<&'static str>,
    session_id: Option<u64>,
    sanctions: Vec<SanctionView>,
    tokens_revoked_before: Option<String>,
    notes: Vec<NoteView>,
    counts: Counts,
    messages: Vec<Message>,
    sockets: usize,
}

/// A sanction, as staff see it.
#[derive(Debug, Serialize)]
struct SanctionView {
    state: &'static str,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<u64>,
    until: Option<String>,
    reason: Option<String>,
    explanation: Option<String>,
    reference: ActionId,
    actor: Person,
}

#[derive(Debug, Serialize)]
struct NoteView {
    id: ActionId,
    at: String,
    text: String,
    actor: Person,
}

/// Counts among the newest 2,000 numbers of the session. The reports are those of as many tallies as the list of reports reads.
#[derive(Debug, Default, Serialize)]
struct Counts {
    messages: usize,
    deleted: usize,
    /// Of the session: those that wait for a decision.
    held: usize,
    reports: u64,
}

impl Chat {
    /// What staff know about a user, and the user's messages of a session.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::InvalidRequest`] for an id, [`ChatError::NotFound`] for a session,
    /// [`ChatError::Unavailable`].
    pub async fn card(
        &self,
        reader: &Caller,
        user_id: &str,
        addressed: Addressed<'_>,
    ) -> Result<CardResponse, ChatError> {
        parse_user_id(&user_id.into())
            .map_err(|_| ChatError::InvalidRequest("This is not the id of a user".to_owned()))?;
        let session_id = match self.session_to_read(addressed, reader).await {
            Ok(session) => Some(session.id),
            Err(ChatError::ChatNotActive(_)) if reader.sessions.is_none() => None,
            Err(error) => return Err(error),
        };
        self.check_standing(session_id, reader, Deed::Moderate).await?;
        let (standing, pseudonym) = tokio::try_join!(self.standing(user_id), self.store.known_pseudonym(user_id))?;
        let user = self.known_user(session_id, user_id).await?;
        let (mut messages, mut counts, mut sockets) = (Vec::new(), Counts::default(), 0);
        if let Some(session_id) = session_id {
            let (found, (tallies, _)) = tokio::try_join!(
                self.store.messages_of(session_id, user_id, self.clock.now()),
                self.store.tallies(session_id)
            )?;
            let held = self.waiting_count(user_id, session_id).await?;
            let reports = tallies.iter().filter(|one| one.user_id == user_id).map(|one| one.tally.reports).sum();
            counts = Counts { messages: found.standing, deleted: found.deleted, held, reports };
            let newest = self.store.quoting(found.newest, self.clock.now()).await?;
            messages = newest.iter().map(|message| message.to_wire_for_staff(&self.config.sessions.zone)).collect();
            sockets = self.store.sockets_of(session_id, user_id).await?.len();
        }
        let username = user.as_ref().map(|user| user.username.clone());
        Ok(CardResponse {
            username: username.or_else(|| messages.last().map(|message| message.username.clone())),
            roles: user.as_ref().map(roles).unwrap_or_default(),
            session_id,
            tokens_revoked_before: standing.revoked_before.map(|before| self.seconds(before)),
            sanctions: self.sanctions(&standing, pseudonym.as_ref()).await?,
            notes: self.notes(pseudonym.as_ref()).await?,
            counts,
            messages,
            sockets,
            user_id: user_id.to_owned(),
        })
    }

    /// The number of messages of a user on which it can be decided.
    async fn waiting_count(&self, user_id: &str, session_id: u64) -> Result<usize, ChatError> {
        let since = self.clock.now() - self.config.moderation.held;
        let waiting = self.store.waiting_of(user_id, session_id).await?;
        Ok(waiting.iter().filter(|id| id.time() > since).count())
    }

    async fn sanctions(
        &self,
        standing: &Standing,
        pseudonym: Option<&Pseudonym>,
    ) -> Result<Vec<SanctionView>, ChatError> {
        let holding = standing.holding(self.clock.now());
        let views = futures_util::stream::iter(holding.cloned().collect::<Vec<_>>());
        let views = views.map(|sanction| self.sanction_view(sanction, pseudonym)).buffered(CONCURRENT_READS);
        views.try_collect().await
    }

    async fn sanction_view(
        &self,
        sanction: Sanction,
        pseudonym: Option<&Pseudonym>,
    ) -> Result<SanctionView, ChatError> {
        let view = self.standing_view(&sanction);
        let (actor, text) = self.actor_and_text(&sanction.reference, pseudonym).await?;
        let (scope, session_id) = match sanction.scope {
            Scope::All => ("all", None),
            Scope::Session(id) => ("session", Some(id)),
        };
        Ok(SanctionView {
            state: view.state,
            scope,
            session_id,
            until: view.until,
            reason: text.reason,
            explanation: view.explanation,
            reference: sanction.reference,
            actor,
        })
    }

    async fn actor_and_text(&self, id: &ActionId, about: Option<&Pseudonym>) -> Result<(Person, EntryText), ChatError> {
        let entry = self.store.entry(id, self.clock.now()).await?;
        let actor = match entry {
            Some(entry) => self.store.person(&entry.actor).await?,
            None => Person::default(),
        };
        let text = match about {
            Some(about) => self.store.entry_text(about, id).await?,
            None => EntryText::default(),
        };
        Ok((actor, text))
    }

    async fn notes(&self, pseudonym: Option<&Pseudonym>) -> Result<Vec<NoteView>, ChatError> {
        let Some(pseudonym) = pseudonym else { return Ok(Vec::new()) };
        let (target, action) = (Some(pseudonym.clone()), Some("note".to_owned()));
        let query = LogQuery { target, action, limit: NOTES, ..LogQuery::default() };
        let page = self.store.log_page(&query, self.clock.now()).await?;
        let notes = futures_util::stream::iter(page.entries).map(|entry| async move {
            let (actor, text) =
                tokio::try_join!(self.store.person(&entry.actor), self.store.entry_text(pseudonym, &entry.id))?;
            let at = time::to_the_millisecond(entry.id.time(), &self.config.sessions.zone);
            // The text goes with an erasure.
            Ok::<_, ChatError>(text.note.map(|text| NoteView { id: entry.id, at, text, actor }))
        });
        let notes: Vec<Option<NoteView>> = notes.buffered(CONCURRENT_READS).try_collect().await?;
        Ok(notes.into_iter().flatten().collect())
    }

    fn seconds(&self, seconds: i64) -> String {
        time::to_the_second(time::from_millis(seconds.saturating_mul(1000)), &self.config.sessions.zone)
    }
}

fn roles(user: &Caller) -> Vec<&'static str> {
    match user.rank() {
        Rank::Host | Rank::Service => vec!["host"],
        Rank::Moderator => vec!["moderator"],
        Rank::Everybody => Vec::new(),
    }
}
