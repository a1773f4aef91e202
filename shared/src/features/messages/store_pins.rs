//! The pins of a session: a row with the ids of its pinned messages, beside the session's own row.
//!
//! The row holds nothing of the messages. They are read when an answer or a frame is made, strongly consistent and after the row: so what
//! is deleted, hidden or covered by then is in neither.

use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::message::{Message, MessageId};
use crate::domain::pins::{self, MAX_PINS, Pins};
use crate::domain::session::Session;
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{Consistency, TransactionOutcome, number, traced_item_of};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Tries of a change of pins that others change at the same time.
const MAX_TRIES: usize = 5;

#[derive(Serialize)]
struct PinsRow<'a> {
    #[serde(flatten)]
    pins: &'a Pins,
    expires_at: Option<i64>,
}

impl Store {
    /// The pins of a session, strongly consistent.
    pub async fn pins(&self, session_id: u64) -> Result<Pins, StoreError> {
        let key = keys::state(session_id, pins::STATE);
        Ok(self.get(&self.chat, &key, Consistency::Strong).await?.unwrap_or_default())
    }

    /// The pinned messages that everybody sees, in the order of the pins.
    pub async fn pinned(&self, pins: &Pins, now: Timestamp) -> Result<Vec<StoredMessage>, StoreError> {
        let Some(session_id) = pins.message_ids.first().map(|id| id.session_id()) else { return Ok(Vec::new()) };
        let messages = futures_util::stream::iter(pins.message_ids.clone())
            .map(|id| self.message(id, now))
            .buffered(MAX_PINS)
            .try_collect::<Vec<_>>();
        let (messages, covers) = tokio::try_join!(messages, self.covers(session_id))?;
        let messages = messages.into_iter().flatten();
        Ok(messages.filter(|message| !covers.hides(&message.user_id, message.id().seq())).collect())
    }

    /// [`Store::pinned`] as clients see it.
    pub async fn pins_view(&self, pins: &Pins, now: Timestamp, zone: &TimeZone) -> Result<Vec<Message>, StoreError> {
        let messages = self.quoting(self.pinned(pins, now).await?, now).await?;
        Ok(pins::fitted(messages.iter().map(|message| message.to_wire(zone)).collect()))
    }

    /// The part of a transaction that changes pins to the next version. It is refused if others have changed them since.
    pub fn replace_pins(&self, session: &Session, next: &Pins) -> Result<TransactWriteItem, StoreError> {
        let row = PinsRow { pins: next, expires_at: session.expires_at };
        let item = traced_item_of(&keys::state(session.id, pins::STATE), row);
        let put = Put::builder().table_name(&self.chat).set_item(Some(item));
        let put = match next.version {
            1 => put.condition_expression("attribute_not_exists(pk)"),
            next => put.condition_expression("version = :read").expression_attribute_values(":read", number(next - 1)),
        };
        put.part()
    }

    /// The part of a transaction that is refused if pins have changed since they were read.
    pub fn pins_are(&self, session_id: u64, read: &Pins) -> Result<TransactWriteItem, StoreError> {
        let key = keys::state(session_id, pins::STATE).attributes();
        let check = ConditionCheck::builder().table_name(&self.chat).set_key(Some(key));
        let check = match read.version {
            0 => check.condition_expression("attribute_not_exists(pk)"),
            read => check.condition_expression("version = :read").expression_attribute_values(":read", number(read)),
        };
        check.part()
    }

    /// Unpins the messages that have left the room, if one of these is pinned; `None` looks at whatever is pinned.
    pub async fn unpin_gone(
        &self,
        session: &Session,
        among: Option<&[MessageId]>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..MAX_TRIES {
            let pins = self.pins(session.id).await?;
            if among.is_some_and(|among| !among.iter().any(|id| pins.contains(*id))) {
                return Ok(());
            }
            let standing: Vec<MessageId> = self.pinned(&pins, now).await?.iter().map(StoredMessage::id).collect();
            if standing == pins.message_ids {
                return Ok(());
            }
            let next = self.replace_pins(session, &pins.changed_to(standing))?;
            if let TransactionOutcome::Done = self.transact(vec![next]).await? {
                return Ok(());
            }
        }
        Ok(())
    }
}
