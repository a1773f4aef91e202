//! The rows of held messages.
//!
//! What waits is in a partition of its session, apart from its messages, and moves to another one with the decision. So the list of what
//! waits costs what waits, whatever was decided before; and of two decisions, the second finds no row to move. Beside it, a row for each
//! user names what the user has waiting in a session: it holds the limit, and an act against the user finds its messages there.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::broadcast::notice::Notice;
use crate::domain::config::MIN_HELD_SECONDS;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::held::{Decision, HeldMessage, MAX_WAITING, Resolution};
use crate::domain::moderation::held_id::HeldId;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{
    Consistency, TransactionOutcome, built, item_of, number, parse, text, traced_item_of,
};
use crate::platform::dynamo::{Store, StoreError, keys};

/// No message waits longer than a day, so a user's row outlives all that it names.
const WAITING_SECONDS: i64 = 2 * 24 * 3600;

/// A sort key behind all ids, whose first digit is 7 at most, and before [`keys::HELD_CLOSED`].
const AFTER_ALL_IDS: &str = "8";

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
        /// The decision.
        decision: Decision,
        /// The act.
        action_id: ActionId,
    },
}

/// Which of the messages that wait are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Those on which it can be decided at this time.
    Open(Timestamp),
    /// Those whose time is over at this time.
    Over(Timestamp),
    /// All.
    All,
}

impl Waiting {
    fn filter(self) -> Option<&'static str> {
        match self {
            Waiting::Open(_) => Some("deadline_ms > :now"),
            Waiting::Over(_) => Some("deadline_ms <= :now"),
            Waiting::All => None,
        }
    }

    fn time(self) -> Option<i64> {
        match self {
            Waiting::Open(now) | Waiting::Over(now) => Some(now.as_millisecond()),
            Waiting::All => None,
        }
    }

    /// The sort key up to which such messages lie. The time of none is over sooner than settings allow.
    fn last_key(self) -> String {
        match self {
            Waiting::Over(now) => {
                HeldId::first_at(now - SignedDuration::from_secs(MIN_HELD_SECONDS)).as_str().to_owned()
            }
            Waiting::Open(_) | Waiting::All => AFTER_ALL_IDS.to_owned(),
        }
    }
}

/// What waits, oldest first.
#[derive(Debug, Default)]
pub struct WaitingPage {
    /// The messages.
    pub held: Vec<HeldMessage>,
    /// The id after which the next page begins, if there may be one.
    pub next_after: Option<HeldId>,
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

#[derive(Deserialize)]
struct WaitingRow {
    sk: String,
    #[serde(default)]
    ids: BTreeSet<HeldId>,
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
            TransactWriteItem::builder().put(built(put.build())?).build(),
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
        Ok(TransactWriteItem::builder().condition_check(built(check.build())?).build())
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
        Ok(TransactWriteItem::builder().update(built(update.build())?).build())
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
        let mut actions = vec![
            TransactWriteItem::builder().delete(built(delete.build())?).build(),
            TransactWriteItem::builder().put(built(put.build())?).build(),
            TransactWriteItem::builder().update(built(waiting.build())?).build(),
        ];
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
        Ok(resolved.map(|row| FoundHeld::Resolved { decision: row.decision, action_id: row.action_id }))
    }

    /// What waits in a session after an id, oldest first, strongly consistent: at most so many.
    pub async fn waiting(
        &self,
        session_id: u64,
        which: Waiting,
        after: Option<&HeldId>,
        limit: usize,
    ) -> Result<WaitingPage, StoreError> {
        let mut page = WaitingPage::default();
        // A longer key sorts behind the id itself, and before every other.
        let mut first = after.map_or_else(String::new, |id| format!("{}0", id.as_str()));
        while page.held.len() <= limit {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :held AND sk BETWEEN :first AND :last")
                .set_filter_expression(which.filter().map(str::to_owned))
                .set_expression_attribute_values(which.time().map(|now| [(":now".to_owned(), number(now))].into()))
                .expression_attribute_values(":held", text(keys::held_messages(session_id)))
                .expression_attribute_values(":first", text(if first.is_empty() { "0" } else { &first }))
                .expression_attribute_values(":last", text(which.last_key()))
                .consistent_read(true)
                .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
            let found = self.query_filtered::<HeldMessage>(query).await?;
            page.held.extend(found.rows);
            match found.last_key.as_ref().and_then(|key| key.get("sk")?.as_s().ok()) {
                Some(last) => first = format!("{last}0"),
                None => break,
            }
        }
        if page.held.len() > limit {
            page.held.truncate(limit);
            page.next_after = page.held.last().map(|held| held.id.clone());
        }
        Ok(page)
    }

    /// The ids of what a user has waiting in a session, strongly consistent.
    pub async fn waiting_of(&self, user_id: &str, session_id: u64) -> Result<BTreeSet<HeldId>, StoreError> {
        let row: Option<WaitingRow> =
            self.get(&self.chat, &keys::waiting(user_id, session_id), Consistency::Strong).await?;
        Ok(row.map(|row| row.ids).unwrap_or_default())
    }

    /// The sessions in which a user has messages waiting, with their ids, strongly consistent.
    pub async fn all_waiting_of(&self, user_id: &str) -> Result<Vec<(u64, BTreeSet<HeldId>)>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :waiting")
            .expression_attribute_values(":waiting", text(keys::all_waiting(user_id)))
            .consistent_read(true);
        let rows: Vec<WaitingRow> = self.query_all(query).await?;
        let sessions = rows.into_iter().filter_map(|row| Some((row.sk.parse().ok()?, row.ids)));
        Ok(sessions.filter(|(_, ids)| !ids.is_empty()).collect())
    }

    /// Notes that no message waits in a session any more: see [`Store::holds_are_closed`].
    pub async fn close_holds(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct ClosedRow {
            expires_at: Option<i64>,
        }
        let row = ClosedRow { expires_at: self.history_expires_at(session.end, now) };
        let put = self.client.put_item().table_name(&self.chat);
        self.put(put.set_item(Some(item_of(&keys::held_closed(session.id), row)))).await.map(drop)
    }

    /// Whether no message may wait in a session any more, strongly consistent. A hold asks after it is stored: either it sees the mark, or
    /// whoever denies what waits, which happens after the mark is set, sees the hold.
    pub async fn holds_are_closed(&self, session_id: u64) -> Result<bool, StoreError> {
        let row: Option<serde_json::Value> =
            self.get(&self.chat, &keys::held_closed(session_id), Consistency::Strong).await?;
        Ok(row.is_some())
    }
}

fn ids(id: &HeldId) -> AttributeValue {
    AttributeValue::Ss(vec![id.as_str().to_owned()])
}
