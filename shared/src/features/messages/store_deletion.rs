//! Deleting a message, by itself or in a transaction, and taking such a deletion back.
//!
//! Its number stays. Its text moves to an attribute that nothing but [`super::store_kept`] reads, so that no answer for viewers shows it
//! by mistake, in this version and in older ones (docs/contract.md, What is kept).

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use jiff::Timestamp;

use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::kept::Fate;
use crate::platform::dynamo::calls::{WriteOutcome, change_trace, number, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// A hidden or shadowed message has its text in another attribute ([`super::store_hidden`]). `:none` is never taken: a condition sees to that.
const DELETION: &str = "SET deleted = :yes, deletion = :deletion, deleted_text = if_not_exists(#text, if_not_exists(hidden_text, if_not_exists(shadow_text, :none))), change_trace = :trace, changed_ms = :changed REMOVE #text, hidden_text, shadow_text";
/// It counts as a hidden one that is back: the broadcast finds it as such after a lost wake-up, and a covered one stays gone.
const RESTORATION: &str = "SET #text = deleted_text, is_hidden = :no, change_trace = :trace, changed_ms = :changed REMOVE deleted_text, deleted, deletion, deleted_by ADD acts :acts";
/// It was not deleted before.
const IS_KEPT: &str = "(attribute_exists(#text) OR attribute_exists(hidden_text) OR attribute_exists(shadow_text))";
const IS_ALIVE: &str = "(attribute_not_exists(expires_at) OR expires_at > :now)";

impl Store {
    /// Deletes a message; `false` if it was deleted before. The row notes the nonce of the call, so that a retry after a lost response
    /// recognizes its own work.
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
            .expression_attribute_values(":none", AttributeValue::Null(true))
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

    /// The part of an act's transaction that deletes a message. It is refused if there is none (any more).
    pub fn delete_message_in_transaction(
        &self,
        id: MessageId,
        act: &ActionId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = self
            .change_in_transaction(id, act, now)
            .update_expression(format!("{} ADD acts :acts", DELETION.replacen("SET ", "SET deleted_by = :act, ", 1)))
            .condition_expression(format!("{IS_KEPT} AND {IS_ALIVE}"))
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":none", AttributeValue::Null(true))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":act", text(act.as_str()))
            .expression_attribute_values(":deletion", number(rand::random::<u64>()));
        update.part()
    }

    /// The part of an act's transaction that takes the deletion of a message by an earlier act back. It is refused unless the act that has
    /// deleted it by its fate still has. A shadowed message is shadowed again.
    pub fn undelete_message_in_transaction(
        &self,
        id: MessageId,
        fate: &Fate,
        act: &ActionId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let is_gone = "deleted_by = :deleted_by AND attribute_exists(deleted_text) AND attribute_not_exists(purged)";
        let update = self
            .change_in_transaction(id, act, now)
            .update_expression(RESTORATION)
            .condition_expression(format!("{is_gone} AND {IS_ALIVE}"))
            .expression_attribute_names("#text", if fate.is_shadowed { "shadow_text" } else { "text" })
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":deleted_by", text(fate.deleted_by.as_ref().map_or("", ActionId::as_str)));
        update.part()
    }

    /// A change of a message by an act, which the row names from then on.
    fn change_in_transaction(&self, id: MessageId, act: &ActionId, now: Timestamp) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":changed", number(now.as_millisecond()))
            .expression_attribute_values(":now", number(now.as_second()))
            .expression_attribute_values(":acts", AttributeValue::Ss(vec![act.as_str().to_owned()]))
    }
}
