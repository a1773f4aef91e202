//! What waits for a decision: `GET /live-chat/moderation/held`.

use serde::Serialize;

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::held::HeldView;
use crate::domain::moderation::held_id::HeldId;
use crate::domain::page::parse_limit;
use crate::features::chat::Chat;
use crate::features::held::store_waiting::Waiting;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

/// At most so many messages are in a page.
const MAX_MESSAGES: usize = 100;

/// Which messages a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeldRequest<'a> {
    /// `session_id` or `room`.
    pub session: Addressed<'a>,
    /// `after`.
    pub after: Option<&'a str>,
    /// `limit`.
    pub limit: Option<&'a str>,
}

/// The response of `GET /live-chat/moderation/held`.
#[derive(Debug, Serialize)]
pub struct HeldResponse {
    held: Vec<HeldView>,
    has_more: bool,
    /// The id after which the next page begins.
    next_after: Option<HeldId>,
}

impl Chat {
    /// A page of what waits in a session, oldest first.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::InvalidRequest`] for a parameter, [`ChatError::NotFound`] for a session,
    /// [`ChatError::ChatNotActive`] if none is open and none was named, [`ChatError::Unavailable`].
    pub async fn held_page(&self, reader: &Caller, request: HeldRequest<'_>) -> Result<HeldResponse, ChatError> {
        let invalid = |sentence: &str| ChatError::InvalidRequest(sentence.to_owned());
        let limit = parse_limit(request.limit, MAX_MESSAGES)?;
        let after = request.after.map(HeldId::parse).transpose();
        let after = after.map_err(|_| invalid("after is the id of a held message"))?;
        let session = self.session_to_read(request.session, reader).await?;
        self.check_standing(Some(session.id), reader, Deed::Moderate).await?;
        let open = Waiting::Open(self.clock.now());
        let page = self.store.waiting(session.id, open, after.as_ref(), limit).await?;
        let zone = &self.config.sessions.zone;
        Ok(HeldResponse {
            held: page.held.iter().map(|held| held.view(zone)).collect(),
            has_more: page.next_after.is_some(),
            next_after: page.next_after,
        })
    }
}
