//! Reading the audit log: `GET /live-chat/moderation/actions`.

use futures_util::{StreamExt, TryStreamExt};

use super::api::LogResponse;
use super::store_log::LogQuery;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::EntryView;
use crate::domain::page::parse_limit;
use crate::features::chat::Chat;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

/// At most so many entries are in a page.
const MAX_ENTRIES: usize = 100;
/// Entries that are resolved at once.
const CONCURRENT_VIEWS: usize = 8;

/// Which entries a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRequest<'a> {
    /// `session_id` or `room`.
    pub session: Addressed<'a>,
    /// `user_id`.
    pub user_id: Option<&'a str>,
    /// `actor`.
    pub actor: Option<&'a str>,
    /// `action`.
    pub action: Option<&'a str>,
    /// `before`.
    pub before: Option<&'a str>,
    /// `limit`.
    pub limit: Option<&'a str>,
}

impl Chat {
    /// A page of the audit log, newest first.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::InvalidRequest`] for a parameter, [`ChatError::Unavailable`].
    pub async fn log(&self, reader: &Caller, request: LogRequest<'_>) -> Result<LogResponse, ChatError> {
        self.check_standing(None, reader, Deed::Moderate).await?;
        let Some(query) = self.log_query(reader, request).await? else {
            return Ok(LogResponse { actions: Vec::new(), has_more: false, next_before: None });
        };
        let page = self.store.log_page(&query, self.clock.now()).await?;
        let views = futures_util::stream::iter(page.entries).map(|entry| self.view(entry)).buffered(CONCURRENT_VIEWS);
        let actions: Vec<EntryView> = views.try_collect().await?;
        Ok(LogResponse { actions, has_more: page.next_before.is_some(), next_before: page.next_before })
    }

    /// One entry of the audit log.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::NotFound`], [`ChatError::Unavailable`].
    pub async fn log_entry(&self, reader: &Caller, id: &str) -> Result<EntryView, ChatError> {
        self.check_standing(None, reader, Deed::Moderate).await?;
        let unknown = || ChatError::NotFound("There is no such action".to_owned());
        let id: ActionId = id.parse().map_err(|_| unknown())?;
        let entry = self.store.entry(&id, self.clock.now()).await?.ok_or_else(unknown)?;
        match entry.session_id {
            Some(session_id) if reader.sessions.is_some() => {
                reader.require_session(&self.session_with_id(session_id).await?)?;
            }
            Some(_) => {}
            None => reader.require_all_sessions()?,
        }
        self.view(entry).await
    }

    /// What a request asks for; `None` if it names somebody whom the log does not know.
    async fn log_query(&self, reader: &Caller, request: LogRequest<'_>) -> Result<Option<LogQuery>, ChatError> {
        let mut query = self.log_page_query(reader, request).await?;
        query.action = request.action.map(str::to_owned);
        for (user_id, pseudonym) in [(request.user_id, &mut query.target), (request.actor, &mut query.actor)] {
            let Some(user_id) = user_id else { continue };
            let Some(known) = self.store.known_pseudonym(user_id).await? else { return Ok(None) };
            *pseudonym = Some(known);
        }
        Ok(Some(query))
    }

    /// The page that a request asks for: its session, `before` and `limit`.
    pub(super) async fn log_page_query(&self, reader: &Caller, request: LogRequest<'_>) -> Result<LogQuery, ChatError> {
        let mut query = LogQuery { limit: parse_limit(request.limit, MAX_ENTRIES)?, ..LogQuery::default() };
        if let Some(before) = request.before {
            let invalid = |_| ChatError::InvalidRequest("before is the id of an action".to_owned());
            query.before = Some(before.parse().map_err(invalid)?);
        }
        // A token that is limited to sessions reads of one of them.
        if request.session.is_named() || reader.sessions.is_some() {
            let session = self.session_to_read(request.session, reader).await?;
            (query.session_id, query.since) = (Some(session.id), Some(session.start));
        }
        Ok(query)
    }
}
