//! The rows of held messages.
//!
//! What waits is in a partition of its session, apart from its messages, and moves to another one with the decision. So the list of what
//! waits costs what waits, whatever was decided before; and of two decisions, the second finds no row to move. Beside it, a row for each
//! user names what the user has waiting in a session: it holds the limit, and an act against the user finds its messages there.

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::broadcast::notice::Notice;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::held::{Decision, HeldMessage, MAX_WAITING, Resolution};
use crate::domain::moderation::held_id::HeldId;
use crate::features::held::store_waiting::WaitingRow;
use crate::platform::dynamo::calls::{Consistency, TransactionOutcome, item_of, number, parse, traced_item_of};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// No message waits longer than a day, so a user's row outlives all that it names.
const WAITING_SECONDS: i64 = 2 * 24 * 3600;

/// The outcome of holding a message.
#[derive(Debug, PartialEq, Eq)]
pub enum HoldOutcome {
    /// It is held.
    Held,
    /// The user has sent a message under the same `client_message_id` before.
    Duplicate,
    /// The standing of the author has changed since it was read.
    StandingMoved,
    /// The user has as many messages waiting as may be. The oldest of them has this id.
    TooMany(Option<HeldId>),
}

/// A held message, as it is found.
#[derive(Clone, Debug, PartialEq)]
pub enum FoundHeld {
    /// It waits for a decision, unless its time is over.
    Waiting(Box<HeldMessage>),
    /// It was decided on, by this act.
    Resolved {
        /// The message as it was.
        held: Box<HeldMessage>,
        /// The message that it became, if it was approved.
        message_id: Option<MessageId>,
        /// The decision.
        decision: Decision,
        /// The act.
        action_id: ActionId,
    },
}

#[derive(Serialize, Deserialize)]
struct ResolvedRow {
    #[serde(flatten)]
    held: HeldMessage,
    decision: Decision,
    message_id: Option<MessageId>,
    action_id: ActionId,
    decided_ms: i64,
}

impl Store {
    /// Holds a message, and leaves a notice of it. The author's standing is a condition, so no act against the author that was acknowledged
    /// before lets it in. That is a row of this author alone: holds of different users do not conflict, and none conflicts with the
    /// numbers of messages.
    pub async fn hold(
        &self,
        held: &HeldMessage,
        read_standing: u64,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<HoldOutcome, StoreError> {
        let row = traced_item_of(&keys::held(held.session_id, &held.id), held);
        let put = Put::builder().table_name(&self.chat).set_item(Some(row));
        let mut actions = vec![
            self.standing_is(&held.author.user_id, read_standing)?,
            self.add_waiting(held, now)?,
            put.part()?,
            self.notice(held.session_id, notice, now)?,
        ];
        let receipt = actions.len();
        actions.extend(self.put_held_receipt(held)?);
        let outcome = self.transact(actions).await?;
        if outcome.refused_action(receipt) {
            return Ok(HoldOutcome::Duplicate);
        }
        if outcome.refused_action(0) {
            return Ok(HoldOutcome::StandingMoved);
        }
        match outcome {
            TransactionOutcome::Done => Ok(HoldOutcome::Held),
            TransactionOutcome::Refused(mut rows) => {
                let row = rows.get_mut(1).and_then(Option::take).filter(|row| !row.is_empty());
                let waiting: Option<WaitingRow> = row.map(parse).transpose()?;
                Ok(HoldOutcome::TooMany(waiting.and_then(|waiting| waiting.ids.first().cloned())))
            }
        }
    }

    /// The part of a transaction that is refused if a user's standing is not the one that was read.
    pub(crate) fn standing_is(&self, user_id: &str, read_version: u64) -> Result<TransactWriteItem, StoreError> {
        let check =
            ConditionCheck::builder().table_name(&self.chat).set_key(Some(keys::standing(user_id).attributes()));
        let check = match read_version {
            0 => check.condition_expression("attribute_not_exists(pk)"),
            read => check.condition_expression("version = :read").expression_attribute_values(":read", number(read)),
        };
        check.part()
    }

    fn add_waiting(&self, held: &HeldMessage, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::waiting(&held.author.user_id, held.session_id).attributes()))
            .update_expression("SET expires_at = :expires ADD ids :ids")
            .condition_expression("attribute_not_exists(ids) OR size(ids) < :most")
            .expression_attribute_values(":expires", number(now.as_second() + WAITING_SECONDS))
            .expression_attribute_values(":ids", ids(&held.id))
            .expression_attribute_values(":most", number(MAX_WAITING as u64))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        update.part()
    }

    /// The parts of a decision's transaction that move the message. The first of them is refused if it was decided before, or, unless it
    /// expires, if its time is over.
    pub(crate) fn resolve(
        &self,
        resolution: &Resolution,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Resolution { held, decision, message_id, action_id } = resolution;
        let delete =
            Delete::builder().table_name(&self.chat).set_key(Some(keys::held(held.session_id, &held.id).attributes()));
        let delete = match decision {
            Decision::Expired => delete.condition_expression("attribute_exists(pk)"),
            Decision::Approved | Decision::Denied => delete
                .condition_expression("deadline_ms > :now")
                .expression_attribute_values(":now", number(now.as_millisecond())),
        };
        let row = ResolvedRow {
            held: held.clone(),
            decision: *decision,
            message_id: *message_id,
            action_id: action_id.clone(),
            decided_ms: now.as_millisecond(),
        };
        let put = Put::builder()
            .table_name(&self.chat)
            .set_item(Some(item_of(&keys::resolved(held.session_id, &held.id), row)));
        let waiting = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::waiting(&held.author.user_id, held.session_id).attributes()))
            .update_expression("SET expires_at = :expires DELETE ids :ids")
            .expression_attribute_values(":expires", number(now.as_second() + WAITING_SECONDS))
            .expression_attribute_values(":ids", ids(&held.id));
        let mut actions = vec![delete.part()?, put.part()?, waiting.part()?];
        actions.extend(self.resolve_receipt(resolution, now)?);
        Ok(actions)
    }

    /// A held message of a session, whether it waits or was decided on.
    pub async fn held(&self, session_id: u64, id: &HeldId) -> Result<Option<FoundHeld>, StoreError> {
        // It moves from the first place to the second, so it is missed by looking at them in this order only if it does not exist.
        let waiting: Option<HeldMessage> =
            self.get(&self.chat, &keys::held(session_id, id), Consistency::Strong).await?;
        if let Some(held) = waiting {
            return Ok(Some(FoundHeld::Waiting(Box::new(held))));
        }
        let key = keys::resolved(session_id, id);
        let resolved: Option<ResolvedRow> = self.get(&self.chat, &key, Consistency::Strong).await?;
        Ok(resolved.map(|row| FoundHeld::Resolved {
            held: Box::new(row.held),
            message_id: row.message_id,
            decision: row.decision,
            action_id: row.action_id,
        }))
    }
}

fn ids(id: &HeldId) -> AttributeValue {
    AttributeValue::Ss(vec![id.as_str().to_owned()])
}
