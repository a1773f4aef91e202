//! Storing a message under its number, at most once for each `client_message_id`.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use jiff::Timestamp;

use crate::domain::caller::Caller;
use crate::domain::message::{Draft, MessageId};
use crate::domain::moderation::held::HeldMessage;
use crate::domain::session::Session;
use crate::features::messages::store_receipts::Receipt;
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{WriteOutcome, item_of};
use crate::platform::dynamo::{Store, StoreError};

/// The outcome of storing a message, or a host's event.
#[derive(Debug, PartialEq, Eq)]
pub enum StoreOutcome<R = Receipt> {
    /// It is stored.
    Stored(R),
    /// It was late, and the broadcast has settled its number as void. It needs a new number.
    SeqIsVoid,
    /// The user has sent one under the same key before.
    Duplicate,
}

impl Store {
    /// The part of a decision's transaction that stores an approved message under the number of its id. It is refused if the broadcast has
    /// settled the number as void.
    pub(crate) fn put_approved(
        &self,
        held: &HeldMessage,
        id: MessageId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let row = StoredMessage::new(id.session_id(), id.seq(), &held.author, &held.draft(), now, held.expires_at);
        self.put_new(&self.chat, item_of(&row.key(), &row))
    }

    /// A question is listed first: a crash then leaves a row without a message, and no question that nobody finds.
    async fn list_if_question(&self, row: &StoredMessage) -> Result<(), StoreError> {
        match row.is_question() {
            true => self.list_question(row.id(), row.expires_at).await,
            false => Ok(()),
        }
    }

    fn new_message(
        &self,
        session: &Session,
        seq: u64,
        author: &Caller,
        draft: &Draft,
        now: Timestamp,
    ) -> StoredMessage {
        StoredMessage::new(session.id, seq, author, draft, now, self.history_expires_at(session, now))
    }

    /// Stores a message under the number that was allocated for it.
    pub async fn store_message(
        &self,
        session: &Session,
        seq: u64,
        author: &Caller,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<StoreOutcome, StoreError> {
        let row = self.new_message(session, seq, author, draft, now);
        self.list_if_question(&row).await?;
        let receipt = Receipt::of(&row);
        let key = row.key();
        if let Some(sent) = self.put_sent(&row)? {
            let outcome = self.transact(vec![self.put_new(&self.chat, item_of(&key, row))?, sent]).await?;
            return Ok(stored(receipt, outcome.refused_action(0), outcome.refused_action(1)));
        }
        let put = self
            .client
            .put_item()
            .table_name(&self.chat)
            .set_item(Some(item_of(&key, row)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(match self.put(put).await? {
            WriteOutcome::Refused(Some(row)) if row.contains_key("void") => StoreOutcome::SeqIsVoid,
            // No other send has this number, so the row is this message: the response to an earlier try was lost.
            WriteOutcome::Done(_) | WriteOutcome::Refused(_) => StoreOutcome::Stored(receipt),
        })
    }

    /// Stores a message that nobody but its author and staff sees. Its number counts as void in the same transaction, for this version
    /// and for older ones, and its text lies in another attribute.
    pub async fn store_shadowed(
        &self,
        session: &Session,
        seq: u64,
        author: &Caller,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<StoreOutcome, StoreError> {
        let row = self.new_message(session, seq, author, draft, now);
        self.list_if_question(&row).await?;
        let (receipt, key, sent) = (Receipt::of(&row), row.key(), self.put_sent(&row)?);
        let mut item = item_of(&key, row);
        if let Some(text) = item.remove("text") {
            item.insert("shadow_text".to_owned(), text);
        }
        item.extend(["void", "shadowed"].map(|name| (name.to_owned(), AttributeValue::Bool(true))));
        let mut actions = vec![self.put_new(&self.chat, item)?, self.count_void(session, now)?];
        actions.extend(sent);
        let outcome = self.transact(actions).await?;
        if outcome.refused_action(1) {
            return Err(StoreError::new("storing a shadowed message", "its session has no row"));
        }
        Ok(stored(receipt, outcome.refused_action(0), outcome.refused_action(2)))
    }
}

pub(super) fn stored<R>(receipt: R, has_row: bool, has_receipt: bool) -> StoreOutcome<R> {
    match (has_row, has_receipt) {
        (_, true) => StoreOutcome::Duplicate,
        (true, false) => StoreOutcome::SeqIsVoid,
        (false, false) => StoreOutcome::Stored(receipt),
    }
}
