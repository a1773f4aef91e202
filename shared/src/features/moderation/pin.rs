//! Pinning and unpinning a message of the session (docs/contract.md, Pins).

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::api::ActionResponse;
use super::plan::Order;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::entry::Pseudonym;
use crate::domain::moderation::request::Act;
use crate::domain::pins::{MAX_PINS, Pins};
use crate::domain::session::Session;
use crate::features::chat::Chat;

/// Tries of an act while others change the pins at the same time.
const MAX_TRIES: usize = 20;

/// A change of the pins: what it needs in the act's transaction, and the author of the message, if it is known.
struct Change {
    rows: Vec<TransactWriteItem>,
    author: Option<Pseudonym>,
}

impl Chat {
    /// Pins or unpins a message of the act's session.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] for a message that not everybody sees, [`ChatError::Conflict`] with the pins that hold,
    /// [`ChatError::ChatNotActive`] if the session has ended, [`ChatError::Unavailable`].
    pub(super) async fn act_on_pins(&self, order: &Order<'_>, id: MessageId) -> Result<ActionResponse, ChatError> {
        if let Some(earlier) = self.earlier_act(order, "").await? {
            return self.view(earlier).await.map(ActionResponse::one);
        }
        if order.session_id != Some(id.session_id()) {
            return Err(ChatError::no_such_message());
        }
        let session = self.read_session(id.session_id()).await?;
        if !session.is_open_at(self.clock.now()) {
            return Err(ChatError::session_over());
        }
        for _ in 0..MAX_TRIES {
            let pins = self.store.pins(session.id).await?;
            let change = match order.request.act {
                Act::Pin { .. } => self.pin(order, &session, &pins, id).await?,
                _ => self.unpin(&session, &pins, id).await?,
            };
            let mut plan = order.plan(change.author, self.clock.now());
            plan.entry.message_ids = vec![id];
            plan.rows = change.rows;
            if let Some(entry) = self.carry_out(&plan, order.acted_key("")).await? {
                return self.view(entry).await.map(ActionResponse::one);
            }
        }
        Err(ChatError::unavailable("others keep changing the pins of this session"))
    }

    async fn pin(&self, order: &Order<'_>, session: &Session, pins: &Pins, id: MessageId) -> Result<Change, ChatError> {
        let now = self.clock.now();
        // A shadowed message is one for its author and staff, and a pin is for everybody.
        let message = self.visible_message(id, order.actor).await?;
        if message.is_shadowed() {
            return Err(ChatError::no_such_message());
        }
        if pins.contains(id) {
            return Err(ChatError::Conflict("This message is pinned already".to_owned()));
        }
        let standing = self.standing(&message.user_id).await?;
        if self.config.moderation.shadow && standing.shadows(Some(session.id), message.author_rank(), now) {
            return Err(ChatError::Conflict("The author of this message is shadow banned".to_owned()));
        }
        // What has left the room a moment ago takes no place.
        let pinned = self.store.pinned(pins, now).await?;
        if pinned.len() >= MAX_PINS {
            return Err(ChatError::Conflict(format!("{MAX_PINS} messages are pinned already: unpin one first")));
        }
        let next = std::iter::once(id).chain(pinned.iter().map(|message| message.id())).collect();
        let rows = vec![
            self.store.replace_pins(session, &pins.changed_to(next))?,
            // A shadow ban that comes meanwhile finds the pin, or this finds the ban.
            self.store.standing_is(&message.user_id, standing.version)?,
        ];
        let author = self.store.pseudonym_of(&message.user_id, Some(message.username())).await?;
        Ok(Change { rows, author: Some(author) })
    }

    async fn unpin(&self, session: &Session, pins: &Pins, id: MessageId) -> Result<Change, ChatError> {
        if !pins.contains(id) {
            return Err(ChatError::Conflict("This message is not pinned".to_owned()));
        }
        let rest = pins.message_ids.iter().copied().filter(|other| *other != id).collect();
        let rows = vec![self.store.replace_pins(session, &pins.changed_to(rest))?];
        let author = match self.store.kept_message(id, self.clock.now()).await? {
            Some(message) => Some(self.store.pseudonym_of(&message.user_id, Some(message.username())).await?),
            None => None,
        };
        Ok(Change { rows, author })
    }

    /// What a shadow ban of a user needs in its transaction: none of the user's messages is pinned in the act's session from then on.
    pub(super) async fn unpin_author(
        &self,
        session_id: Option<u64>,
        user_id: &str,
    ) -> Result<Option<TransactWriteItem>, ChatError> {
        let Some(session_id) = session_id else { return Ok(None) };
        let pins = self.store.pins(session_id).await?;
        let pinned = self.store.pinned(&pins, self.clock.now()).await?;
        if pinned.iter().all(|message| message.user_id != user_id) {
            // Nor is one pinned meanwhile.
            return Ok(Some(self.store.pins_are(session_id, &pins)?));
        }
        let others = pinned.iter().filter(|message| message.user_id != user_id).map(|message| message.id()).collect();
        let session = self.session_with_id(session_id).await?;
        Ok(Some(self.store.replace_pins(&session, &pins.changed_to(others))?))
    }
}
