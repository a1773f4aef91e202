//! The receipts of sends, kept under their `client_message_id`s: what a repeated send is answered with.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::message::{ClientMessageId, MessageId};
use crate::domain::moderation::held::{Decision, HeldMessage, Resolution};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::receipt::SendOutcome;
use crate::domain::time;
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, item_of};
use crate::platform::dynamo::part::IntoPart;
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
    pub(super) fn of(row: &StoredMessage) -> Receipt {
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
        self.put_new(&self.connections, item_of(&key, row)).map(Some)
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
        Put::builder().table_name(&self.connections).set_item(Some(item_of(&key, row))).part().map(Some)
    }

    /// The part of a transaction that keeps the receipt of a message under its `client_message_id`, if it has one. It is refused if the
    /// user has sent a message under this key before.
    pub(super) fn put_sent(&self, row: &StoredMessage) -> Result<Option<TransactWriteItem>, StoreError> {
        let Some(client_message_id) = row.client_message_id() else { return Ok(None) };
        let (message_id, created_ms, expires_at) = (Some(row.id()), row.created_ms, row.expires_at);
        let sent_row = SentRow { message_id, created_ms, expires_at, held_id: None, decision: None };
        let key = keys::sent(row.session_id, &row.user_id, client_message_id);
        self.put_new(&self.connections, item_of(&key, sent_row)).map(Some)
    }
}
