//! People by the beginning of their names: `GET /live-chat/moderation/users`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::name_prefix::NamePrefix;
use crate::domain::page::parse_limit;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

/// At most so many users are in an answer.
const MAX_USERS: usize = 50;

/// Which users a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct UsersRequest<'a> {
    /// `name`.
    pub name: Option<&'a str>,
    /// `session_id` or `room`.
    pub session: Addressed<'a>,
    /// `limit`.
    pub limit: Option<&'a str>,
}

/// The response of `GET /live-chat/moderation/users`.
#[derive(Debug, Serialize)]
pub struct UsersResponse {
    users: Vec<UserView>,
    has_more: bool,
}

#[derive(Debug, Serialize)]
struct UserView {
    user_id: String,
    username: String,
    last_seen: String,
    messages: usize,
    present: bool,
}

/// What is known of a user while the search goes on.
#[derive(Debug, Default)]
struct Found {
    /// The newest name.
    username: String,
    last_seen_ms: i64,
    messages: usize,
    is_present: bool,
    /// Whether one of the user's names begins as asked.
    is_match: bool,
}

impl Chat {
    /// The users whose display names begin so, those seen last first: authors of the session's newest 2,000 numbers, and those who are
    /// present with a socket. A user is found by each name that stands there, and shown with the newest.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::InvalidRequest`] for a parameter, [`ChatError::NotFound`] for a session,
    /// [`ChatError::ChatNotActive`] if none is open and none was named, [`ChatError::Unavailable`].
    pub async fn users(&self, reader: &Caller, request: UsersRequest<'_>) -> Result<UsersResponse, ChatError> {
        let prefix = NamePrefix::parse(request.name.unwrap_or_default())?;
        let limit = parse_limit(request.limit, MAX_USERS)?;
        let session = self.session_to_read(request.session, reader).await?;
        self.check_standing(Some(session.id), reader, Deed::Moderate).await?;
        let found = self.people(session.id, &prefix).await?;
        let mut users: Vec<(String, Found)> = found.into_iter().filter(|(_, found)| found.is_match).collect();
        users.sort_by(|(id, one), (other_id, other)| {
            (Reverse(one.last_seen_ms), id).cmp(&(Reverse(other.last_seen_ms), other_id))
        });
        let has_more = users.len() > limit;
        users.truncate(limit);
        let zone = &self.config.sessions.zone;
        let view = |(user_id, found): (String, Found)| UserView {
            user_id,
            username: found.username,
            last_seen: time::to_the_millisecond(time::from_millis(found.last_seen_ms), zone),
            messages: found.messages,
            present: found.is_present,
        };
        Ok(UsersResponse { users: users.into_iter().map(view).collect(), has_more })
    }

    /// Everybody of a session who is known by name.
    async fn people(&self, session_id: u64, prefix: &NamePrefix) -> Result<BTreeMap<String, Found>, ChatError> {
        let (authors, present) =
            tokio::try_join!(self.store.authors(session_id, self.clock.now()), self.store.present(session_id))?;
        let mut people: BTreeMap<String, Found> = BTreeMap::new();
        for author in authors {
            let found = people.entry(author.user_id).or_default();
            found.meet(author.username, author.created_ms, prefix);
            found.messages += 1;
        }
        for one in present {
            let found = people.entry(one.user_id).or_default();
            found.meet(one.username, one.seen_ms, prefix);
            found.is_present = true;
        }
        Ok(people)
    }
}

impl Found {
    /// Notes that the user was there under a name.
    fn meet(&mut self, username: String, at_ms: i64, prefix: &NamePrefix) {
        self.is_match |= prefix.begins(&username);
        if at_ms >= self.last_seen_ms {
            (self.username, self.last_seen_ms) = (username, at_ms);
        }
    }
}
