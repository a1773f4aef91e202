//! Hidden messages: enough users reported them, and staff have not decided yet (docs/contract.md, Reports).
//!
//! A hidden message counts as deleted, for this version and for older ones. Its text lies in another attribute, so that nothing shows it
//! by mistake; staff read it there, and a dismissal of the reports puts it back.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use jiff::Timestamp;

use crate::domain::message::MessageId;
use crate::features::messages::store::MessageRow;
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{Consistency, change_trace, number};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// What viewers see of a message now.
#[derive(Debug)]
pub enum Visibility {
    /// It stands.
    Standing(Box<StoredMessage>),
    /// It was hidden, and is back.
    Back(Box<StoredMessage>),
    /// It is hidden, deleted, covered or unknown.
    Gone,
}

impl Store {
    /// One message as staff see it, hidden or not, covered or not; `None` if it does not exist, was deleted or has expired.
    pub async fn kept_message(&self, id: MessageId, now: Timestamp) -> Result<Option<StoredMessage>, StoreError> {
        Ok(self.hidden_row(id, now).await?.map(|(message, _)| message))
    }

    /// The message, if it is hidden.
    pub async fn hidden_message(&self, id: MessageId, now: Timestamp) -> Result<Option<StoredMessage>, StoreError> {
        let row = self.hidden_row(id, now).await?;
        Ok(row.filter(|(_, hidden)| *hidden == Some(true)).map(|(message, _)| message))
    }

    /// What viewers see of a message now, strongly consistent.
    pub async fn visibility(&self, id: MessageId, now: Timestamp) -> Result<Visibility, StoreError> {
        Ok(match self.hidden_row(id, now).await? {
            Some((message, None)) => Visibility::Standing(self.quoting_one(message, now).await?),
            // It is back for its author and staff, and no frame is for them alone.
            Some((message, Some(false))) if message.is_shadowed() => Visibility::Gone,
            Some((message, Some(false))) => match self.covers(id.session_id()).await? {
                covers if covers.hides(&message.user_id, id.seq()) => Visibility::Gone,
                _ => Visibility::Back(self.quoting_one(message, now).await?),
            },
            Some((_, Some(true))) | None => Visibility::Gone,
        })
    }

    /// The part of a transaction that hides a message. It is refused if the message does not stand (any more).
    pub fn hide_in_transaction(&self, id: MessageId, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let change = "SET hidden_text = #text, is_hidden = :hidden, deleted = :hidden, change_trace = :trace, changed_ms = :changed REMOVE #text";
        self.visibility_change(id, now, change, "attribute_exists(#text)", AttributeValue::Bool(true))
    }

    /// The part of a transaction that shows a hidden message again. It is refused if the message is not hidden (any more).
    pub fn show_in_transaction(&self, id: MessageId, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let change = "SET #text = hidden_text, is_hidden = :hidden, change_trace = :trace, changed_ms = :changed REMOVE hidden_text, deleted";
        self.visibility_change(id, now, change, "attribute_exists(hidden_text)", AttributeValue::Bool(false))
    }

    fn visibility_change(
        &self,
        id: MessageId,
        now: Timestamp,
        change: &str,
        condition: &str,
        hidden: AttributeValue,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression(change)
            .condition_expression(condition)
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":hidden", hidden)
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":changed", number(now.as_millisecond()));
        update.part()
    }

    async fn hidden_row(
        &self,
        id: MessageId,
        now: Timestamp,
    ) -> Result<Option<(StoredMessage, Option<bool>)>, StoreError> {
        let key = keys::message(id.session_id(), id.seq());
        let row: Option<MessageRow> = self.get(&self.chat, &key, Consistency::Strong).await?;
        Ok(row.and_then(|row| row.read_hidden(now)))
    }
}
