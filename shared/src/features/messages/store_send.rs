//! Storing a message under its number, at most once for each `client_message_id`.

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::caller::Caller;
use crate::domain::message::{ClientMessageId, Draft, MessageId};
use crate::domain::moderation::held::{Decision, HeldMessage, Resolution};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::receipt::SendOutcome;
use crate::domain::session::Session;
use crate::domain::time;
use crate::features::messages::store::StoredMessage;
use crate::platform::dynamo::calls::{Consistency, Item, WriteOutcome, built, item_of};
use crate::platform::dynamo::{Store, StoreError, keys};

/// The receipt of a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What became of it.
    pub outcome: SendOutcome,
    /// The time at which the message was stored, or held.
    pub created: Timestamp,
}

impl Receipt {
    fn of(row: &StoredMessage) -> Receipt {
        Receipt { outcome: SendOutcome::Stored(row.id()), created: row.created() }
    }
}

/// What became of an earlier send under the same `client_message_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Its message is stored.
    Sent(Receipt),
    /// The review handler has denied it.
    Denied {
        /// What its author was told.
        reason: Option<String>,
    },
}

impl Earlier {
    /// The receipt of the message.
    ///
    /// # Errors
    /// The refusal that the send got.
    pub fn receipt(self) -> Result<Receipt, RuleRefusal> {
        match self {
            Earlier::Sent(receipt) => Ok(receipt),
            Earlier::Denied { reason } => Err(RuleRefusal::ReviewDenied { reason }),
        }
    }
}

/// The outcome of storing a message.
#[derive(Debug, PartialEq, Eq)]
pub enum StoreOutcome {
    /// The message is stored.
    Stored(Receipt),
    /// The message was late, and the broadcast has settled its number as void. It needs a new number.
    SeqIsVoid,
    /// The user has sent a message with the same `client_message_id` before.
    Duplicate,
}

/// A denial is kept so long: as long as a client tries to send a message, and some.
const DENIAL_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// The row that keeps a denial in the place of the receipt.
#[derive(Serialize, Deserialize)]
struct DeniedRow {
    review_denied: bool,
    reason: Option<String>,
    expires_at: i64,
}

/// What is kept under a `client_message_id`.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeptRow {
    Sent(SentRow),
    Denied(DeniedRow),
}

/// The row that keeps the receipt of a send under its `client_message_id`.
#[derive(Serialize, Deserialize)]
struct SentRow {
    /// Absent while the message is held, and once it is denied.
    #[serde(default)]
    message_id: Option<MessageId>,
    created_ms: i64,
    expires_at: Option<i64>,
    /// Of a message that was held.
    #[serde(default)]
    held_id: Option<HeldId>,
    #[serde(default)]
    decision: Option<Decision>,
}

impl SentRow {
    fn receipt(self) -> Result<Receipt, StoreError> {
        let outcome = match (self.held_id, self.message_id, self.decision) {
            (None, Some(id), _) => SendOutcome::Stored(id),
            (Some(held_id), Some(id), _) => SendOutcome::Approved(held_id, id),
            (Some(held_id), None, Some(Decision::Expired)) => SendOutcome::Expired(held_id),
            (Some(held_id), None, Some(_)) => SendOutcome::Denied(held_id),
            (Some(held_id), None, None) => SendOutcome::Held(held_id),
            (None, None, _) => return Err(StoreError::new("reading a receipt", "it names no message")),
        };
        Ok(Receipt { outcome, created: time::from_millis(self.created_ms) })
    }
}

impl Store {
    /// What became of a user's earlier send with this `client_message_id` in a session.
    pub async fn earlier_send(
        &self,
        session_id: u64,
        user_id: &str,
        key: &ClientMessageId,
    ) -> Result<Option<Earlier>, StoreError> {
        let key = keys::sent(session_id, user_id, key.as_str());
        let row: Option<KeptRow> = self.get(&self.connections, &key, Consistency::Strong).await?;
        row.map(|row| match row {
            KeptRow::Sent(row) => row.receipt().map(Earlier::Sent),
            KeptRow::Denied(DeniedRow { reason, .. }) => Ok(Earlier::Denied { reason }),
        })
        .transpose()
    }

    /// Keeps a denial under a `client_message_id`, unless something is kept there; returns whether nothing was.
    pub async fn keep_denial(
        &self,
        session_id: u64,
        user_id: &str,
        key: &ClientMessageId,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let expires_at = (now + DENIAL_LIFETIME).as_second();
        let row = DeniedRow { review_denied: true, reason: reason.map(str::to_owned), expires_at };
        let put = self
            .client
            .put_item()
            .table_name(&self.connections)
            .set_item(Some(item_of(&keys::sent(session_id, user_id, key.as_str()), row)))
            .condition_expression("attribute_not_exists(pk)");
        Ok(matches!(self.put(put).await?, WriteOutcome::Done(_)))
    }

    /// The part of a transaction that keeps the receipt of a message that is held under its `client_message_id`, if it has one. It is
    /// refused if the user has sent a message under this key before.
    pub(crate) fn put_held_receipt(&self, held: &HeldMessage) -> Result<Option<TransactWriteItem>, StoreError> {
        let Some(key) = held.client_message_id() else { return Ok(None) };
        let row = SentRow {
            message_id: None,
            created_ms: held.id.time().as_millisecond(),
            expires_at: held.expires_at,
            held_id: Some(held.id.clone()),
            decision: None,
        };
        let key = keys::sent(held.session_id, &held.author.user_id, key);
        let put = Put::builder().table_name(&self.connections).set_item(Some(item_of(&key, row)));
        let put = put.condition_expression("attribute_not_exists(pk)");
        Ok(Some(TransactWriteItem::builder().put(built(put.build())?).build()))
    }

    /// The part of a decision's transaction that notes it in the receipt of the message, if that has a `client_message_id`.
    pub(crate) fn resolve_receipt(
        &self,
        resolution: &Resolution,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let held = &resolution.held;
        let Some(key) = held.client_message_id() else { return Ok(None) };
        let created = if resolution.message_id.is_some() { now } else { held.id.time() };
        let row = SentRow {
            message_id: resolution.message_id,
            created_ms: created.as_millisecond(),
            expires_at: held.expires_at,
            held_id: Some(held.id.clone()),
            decision: Some(resolution.decision),
        };
        let key = keys::sent(held.session_id, &held.author.user_id, key);
        let put = Put::builder().table_name(&self.connections).set_item(Some(item_of(&key, row)));
        Ok(Some(TransactWriteItem::builder().put(built(put.build())?).build()))
    }

    /// The part of a decision's transaction that stores an approved message under the number of its id. It is refused if the broadcast has
    /// settled the number as void.
    pub(crate) fn put_approved(
        &self,
        held: &HeldMessage,
        id: MessageId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let row = StoredMessage::new(id.session_id(), id.seq(), &held.author, &held.draft(), now, held.expires_at);
        let put = Put::builder()
            .table_name(&self.chat)
            .set_item(Some(item_of(&keys::message(id.session_id(), id.seq()), row)))
            .condition_expression("attribute_not_exists(pk)");
        Ok(TransactWriteItem::builder().put(built(put.build())?).build())
    }

    fn new_message(
        &self,
        session: &Session,
        seq: u64,
        author: &Caller,
        draft: &Draft,
        now: Timestamp,
    ) -> StoredMessage {
        StoredMessage::new(session.id, seq, author, draft, now, self.history_expires_at(session.end, now))
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

    /// The part of a transaction that keeps the receipt of a message under its `client_message_id`, if it has one. It is refused if the
    /// user has sent a message under this key before.
    fn put_sent(&self, row: &StoredMessage) -> Result<Option<TransactWriteItem>, StoreError> {
        let Some(client_message_id) = row.client_message_id() else { return Ok(None) };
        let (message_id, created_ms, expires_at) = (Some(row.id()), row.created_ms, row.expires_at);
        let sent_row = SentRow { message_id, created_ms, expires_at, held_id: None, decision: None };
        let key = keys::sent(row.session_id, &row.user_id, client_message_id);
        self.put_new(&self.connections, item_of(&key, sent_row)).map(Some)
    }

    fn put_new(&self, table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put =
            Put::builder().table_name(table).set_item(Some(item)).condition_expression("attribute_not_exists(pk)");
        Ok(TransactWriteItem::builder().put(built(put.build())?).build())
    }
}

fn stored(receipt: Receipt, has_row: bool, has_receipt: bool) -> StoreOutcome {
    match (has_row, has_receipt) {
        (_, true) => StoreOutcome::Duplicate,
        (true, false) => StoreOutcome::SeqIsVoid,
        (false, false) => StoreOutcome::Stored(receipt),
    }
}
