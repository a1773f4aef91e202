//! Reading draws and their lists: `GET /live-chat/draws`, `GET /live-chat/draws/{draw_id}/entrants`, and the draw of a status.

use super::store_entrants::PER_PART;
use crate::domain::budget::Budget;
use crate::domain::caller::Caller;
use crate::domain::draw::state::Draws;
use crate::domain::draw::stored::{Draw, Frozen};
use crate::domain::draw::view::DrawView;
use crate::domain::error::ChatError;
use crate::domain::hosted_id::{HostedId, MAX_NUMBER};
use crate::domain::page::parse_limit;
use crate::features::chat::Chat;
use crate::features::draws::api::{DrawsResponse, EntrantsResponse};
use crate::features::sessions::resolve::Addressed;

/// At most so many draws are in a page.
const MAX_DRAWS: usize = 20;
/// At most so many hashes are in a page.
const MAX_HASHES: usize = 1_000;

/// Which hashes of a list a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntrantsRequest<'a> {
    /// `after`: so many are skipped.
    pub after: Option<&'a str>,
    /// `limit`.
    pub limit: Option<&'a str>,
    /// `hash`: this one alone.
    pub hash: Option<&'a str>,
}

impl Chat {
    /// A page of the draws of a session, the newest first.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] for a parameter, [`ChatError::RateLimited`] if the reader has asked for too many pages in this
    /// minute, and those of [`Chat::session_to_read`].
    pub async fn draws(
        &self,
        addressed: Addressed<'_>,
        reader: &Caller,
        before: Option<&str>,
        limit: Option<&str>,
    ) -> Result<DrawsResponse, ChatError> {
        let limit = parse_limit(limit, MAX_DRAWS)?;
        let before = before.map(|before| HostedId::parse("draw", before)).transpose()?;
        self.spend(Budget::Pages, reader).await?;
        let session = self.session_to_read(addressed, reader).await?;
        let before = match before {
            Some(before) if before.session_id() == session.id => before.number(),
            Some(_) => return Err(no_such_draw()),
            None => MAX_NUMBER + 1,
        };
        let at_most = i32::try_from(limit).unwrap_or(i32::MAX);
        let (found, read_to) = self.store.draws_before(session.id, before, at_most, self.clock.now()).await?;
        let next_before = read_to.map(|number| HostedId::new(session.id, number));
        Ok(DrawsResponse { draws: found.iter().map(Draw::view).collect(), next_before })
    }

    /// The draw that a status shows: the one that changed last.
    pub(crate) async fn shown_draw(&self, session_id: u64, draws: Draws) -> Result<Option<DrawView>, ChatError> {
        let Some(number) = draws.told() else { return Ok(None) };
        let draw = self.store.draw(HostedId::new(session_id, number), self.clock.now()).await?;
        Ok(draw.as_ref().map(Draw::view))
    }

    /// A page of the hashes of a draw's entrants, or one of them.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Conflict`] while the list is not frozen, [`ChatError::InvalidRequest`] for a parameter,
    /// [`ChatError::RateLimited`], [`ChatError::Forbidden`] if the token is limited to other sessions, [`ChatError::Unavailable`].
    pub async fn entrants(
        &self,
        id: HostedId,
        reader: &Caller,
        asked: EntrantsRequest<'_>,
    ) -> Result<EntrantsResponse, ChatError> {
        let limit = asked.limit.map_or(Ok(MAX_HASHES), |limit| parse_limit(Some(limit), MAX_HASHES))?;
        let after = asked.after.map_or(Ok(0), parse_after)?;
        let hash = asked.hash.map(parse_hash).transpose()?;
        self.spend(Budget::Pages, reader).await?;
        let draw = self.draw_to_read(id, reader).await?;
        let frozen = draw.frozen.ok_or_else(|| ChatError::Conflict("The draw has no list of entrants".to_owned()))?;
        if let Some(hash) = hash {
            let entrants = self.entrant(id, &frozen, hash).await?.into_iter().collect();
            return Ok(EntrantsResponse { entrants, next_after: None });
        }
        let mut entrants = Vec::new();
        let mut part = after / PER_PART;
        while part < frozen.firsts.len() && entrants.len() < limit {
            let hashes = self.store.entrant_hashes(id, &frozen, part).await?;
            let skipped = (after + entrants.len()).saturating_sub(part * PER_PART);
            let left = limit - entrants.len();
            entrants.extend(hashes.into_iter().skip(skipped).take(left));
            part += 1;
        }
        let next = (after + entrants.len()) as u64;
        Ok(EntrantsResponse { entrants, next_after: (next < frozen.entrants).then_some(next) })
    }

    /// A hash, if it is in the list.
    async fn entrant(&self, id: HostedId, frozen: &Frozen, hash: &str) -> Result<Option<String>, ChatError> {
        // The list is sorted.
        let part = frozen.firsts.partition_point(|first| first.as_str() <= hash);
        let Some(part) = part.checked_sub(1) else { return Ok(None) };
        let hashes = self.store.entrant_hashes(id, frozen, part).await?;
        Ok(hashes.into_iter().find(|found| found == hash))
    }

    /// A draw that a reader's token reaches.
    pub(crate) async fn draw_to_read(&self, id: HostedId, reader: &Caller) -> Result<Draw, ChatError> {
        reader.require_session(&self.session_with_id(id.session_id()).await?)?;
        self.store.draw(id, self.clock.now()).await?.ok_or_else(no_such_draw)
    }
}

fn parse_after(text: &str) -> Result<usize, ChatError> {
    let is_number = !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let after = text.parse().ok().filter(|_| is_number);
    after.ok_or_else(|| ChatError::InvalidRequest("after is a whole number".to_owned()))
}

fn parse_hash(text: &str) -> Result<&str, ChatError> {
    let is_hash = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hash { Ok(text) } else { Err(ChatError::InvalidRequest("hash is a SHA-256 in lower-case hex".to_owned())) }
}

fn no_such_draw() -> ChatError {
    ChatError::NotFound("There is no such draw".to_owned())
}
