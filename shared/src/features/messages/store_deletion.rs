//! Deleting a message, by itself or in a transaction.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use jiff::Timestamp;

use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::{WriteOutcome, built, change_trace, number};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Its number stays, and its content is removed.
const DELETION: &str = "SET deleted = :yes, deletion = :deletion, change_trace = :trace, changed_ms = :changed REMOVE #text, hidden_text, shadow_text, username, profile_pic, badge, client_message_id, author_attributes";
/// It was not deleted before. A hidden or shadowed message has its text in another attribute ([`super::store_hidden`]).
const IS_KEPT: &str = "(attribute_exists(#text) OR attribute_exists(hidden_text) OR attribute_exists(shadow_text))";

impl Store {
    /// Deletes a message; `false` if it was deleted before. Its number stays, and its content is removed. The row notes the nonce of
    /// the call, so that a retry after a lost response recognizes its own work.
    pub async fn delete_message(&self, id: MessageId, now: Timestamp) -> Result<bool, StoreError> {
        let nonce = number(rand::random::<u64>());
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression(DELETION)
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":changed", number(now.as_millisecond()))
            .condition_expression(IS_KEPT)
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":deletion", nonce.clone())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(match self.update(update).await? {
            WriteOutcome::Done(_) => true,
            WriteOutcome::Refused(row) => row.is_some_and(|row| row.get("deletion") == Some(&nonce)),
        })
    }

    /// The part of a transaction that deletes a message. It is refused if there is none (any more).
    pub(crate) fn delete_message_in_transaction(
        &self,
        id: MessageId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression(DELETION)
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":changed", number(now.as_millisecond()))
            .expression_attribute_values(":now", number(now.as_second()))
            .condition_expression(format!("{IS_KEPT} AND (attribute_not_exists(expires_at) OR expires_at > :now)"))
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":deletion", number(rand::random::<u64>()));
        Ok(TransactWriteItem::builder().update(built(update.build())?).build())
    }
}
