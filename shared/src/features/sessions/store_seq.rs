//! The numbers of a session: allocated to messages, settled as void, and counted by the minute.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::Rules;
use super::store::{RECENT_MINUTES, SessionRow};
use crate::domain::message::MAX_SEQ;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{Consistency, Item, TransactionOutcome, WriteOutcome, item_of, number, parse};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The outcome of an allocation.
#[derive(Debug, PartialEq, Eq)]
pub enum SeqAllocation {
    /// The number. No other call gets it.
    Allocated(u64),
    /// The session is not open.
    Closed,
    /// Senders are as far ahead of the broadcast as backpressure allows.
    Full,
    /// Other rules are in force than those by which the message was judged.
    RulesChanged(Rules),
}

/// Whether the session is open and backpressure allows another number.
const MAY_ALLOCATE: &str = "attribute_exists(pk) AND ended <> :yes AND start_ms <= :now AND (attribute_not_exists(end_ms) OR end_ms >= :now) AND seq < :last AND (attribute_not_exists(admit_up_to) OR seq < admit_up_to)";

fn rules_are_in_force(rules: Rules) -> &'static str {
    if rules.version == 0 { "attribute_not_exists(rules_version)" } else { "rules_version = :rules" }
}

/// What an allocation returns of the row.
#[derive(Deserialize)]
pub(super) struct AllocatedSeq {
    pub(super) seq: u64,
}

/// What an allocation writes besides the number, and on what condition: the rest of an expression each.
pub(super) struct Allocating {
    pub(super) also: &'static str,
    pub(super) unless: &'static str,
}

/// Why a number was not allocated.
pub(super) fn refusal(row: Option<Item>, judged_by: Rules, now: Timestamp) -> Result<SeqAllocation, StoreError> {
    let row: Option<SessionRow> = row.map(parse).transpose()?;
    Ok(row.map_or(SeqAllocation::Closed, |row| row.refusal(judged_by, now)))
}

impl SessionRow {
    /// Why a number was not allocated.
    fn refusal(&self, judged_by: Rules, now: Timestamp) -> SeqAllocation {
        let in_force = self.rules();
        if !self.is_open_at(now) {
            SeqAllocation::Closed
        } else if in_force.version != judged_by.version {
            SeqAllocation::RulesChanged(in_force)
        } else {
            SeqAllocation::Full
        }
    }
}

impl Store {
    /// Allocates the session's next number, if the session is open, these rules are in force and backpressure allows it.
    pub async fn allocate_seq(
        &self,
        session: &Session,
        judged_by: Rules,
        now: Timestamp,
    ) -> Result<SeqAllocation, StoreError> {
        let update = self.allocation(session, judged_by, now, Allocating { also: "", unless: "" });
        match self.update(update).await? {
            WriteOutcome::Done(attributes) => Ok(SeqAllocation::Allocated(parse::<AllocatedSeq>(attributes)?.seq)),
            WriteOutcome::Refused(row) => refusal(row, judged_by, now),
        }
    }

    /// The update that allocates a number.
    pub(super) fn allocation(
        &self,
        session: &Session,
        judged_by: Rules,
        now: Timestamp,
        Allocating { also, unless }: Allocating,
    ) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session.id).attributes()))
            .update_expression(format!(
                "SET seq = seq + :one, #minutes.#minute = if_not_exists(#minutes.#minute, seq){also}"
            ))
            .condition_expression(format!("{} AND {MAY_ALLOCATE}{unless}", rules_are_in_force(judged_by)))
            .set_expression_attribute_values(
                (judged_by.version > 0).then(|| [(":rules".to_owned(), number(judged_by.version))].into()),
            )
            .expression_attribute_names("#minutes", "minutes")
            .expression_attribute_names("#minute", session.minute_at(now).to_string())
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":last", number(MAX_SEQ))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// Sets the last number that senders may allocate; `None` lifts the limit.
    pub async fn admit_up_to(&self, session_id: u64, seq: Option<u64>) -> Result<(), StoreError> {
        let update =
            self.client.update_item().table_name(&self.chat).set_key(Some(keys::session(session_id).attributes()));
        let update = match seq {
            Some(seq) => {
                update.update_expression("SET admit_up_to = :seq").expression_attribute_values(":seq", number(seq))
            }
            None => update.update_expression("REMOVE admit_up_to"),
        };
        self.update(update.condition_expression("attribute_exists(pk)")).await.map(drop)
    }

    /// Settles a number as void for good; `false` if it has a row already.
    pub async fn void_seq(&self, session: &Session, seq: u64, now: Timestamp) -> Result<bool, StoreError> {
        #[derive(Serialize)]
        struct VoidRow {
            void: bool,
            expires_at: Option<i64>,
        }
        let row = VoidRow { void: true, expires_at: self.history_expires_at(session, now) };
        let void = self.put_new(&self.chat, item_of(&keys::message(session.id, seq), row))?;
        let count = match self.mark_of(session.id, seq).await? {
            // The number was allocated for an event, and is counted since.
            Some(mark) => {
                let count = self.count_of(session).update_expression("REMOVE #mark");
                count.expression_attribute_names("#mark", mark).part()?
            }
            None => self.count_void(session, now)?,
        };
        let actions = vec![void, count];
        match self.transact(actions).await? {
            TransactionOutcome::Done => Ok(true),
            TransactionOutcome::Refused(_) => Ok(false),
        }
    }

    /// The part of a transaction that counts a number of a session as void. It is refused if the session has no row.
    pub(crate) fn count_void(&self, session: &Session, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let count = self
            .count_of(session)
            .update_expression(
                "SET voids = voids + :one, void_minutes.#minute = if_not_exists(void_minutes.#minute, :none) + :one",
            )
            .expression_attribute_names("#minute", session.minute_at(now).to_string())
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":none", number(0));
        count.part()
    }

    fn count_of(&self, session: &Session) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session.id).attributes()))
            .condition_expression("attribute_exists(pk)")
    }

    /// Removes the entries of minutes that are not recent, so that a session's row stays within 1 KB.
    pub async fn forget_old_minutes(&self, session_id: u64, now: Timestamp) -> Result<(), StoreError> {
        let row: Option<SessionRow> = self.get(&self.chat, &keys::session(session_id), Consistency::Eventual).await?;
        let Some(row) = row else { return Ok(()) };
        let oldest = Session::from(row.opened).minute_at(now) - RECENT_MINUTES;
        let is_old = |minute: &&String| minute.parse::<i64>().is_ok_and(|minute| minute < oldest);
        let old_minutes = row.minutes.keys().filter(is_old).map(|minute| ("minutes", minute));
        let old_voids = row.void_minutes.keys().filter(is_old).map(|minute| ("void_minutes", minute));
        let mut update =
            self.client.update_item().table_name(&self.chat).set_key(Some(keys::session(session_id).attributes()));
        let mut paths = Vec::new();
        // An expression may have 4 KB. The rest waits for the next minute.
        for (i, (map, minute)) in old_minutes.chain(old_voids).take(100).enumerate() {
            paths.push(format!("#map{map}.#m{i}"));
            update = update
                .expression_attribute_names(format!("#map{map}"), map)
                .expression_attribute_names(format!("#m{i}"), minute);
        }
        if paths.is_empty() {
            return Ok(());
        }
        let update = update
            .update_expression(format!("REMOVE {}", paths.join(", ")))
            .condition_expression("attribute_exists(pk)");
        self.update(update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None))
            .await
            .map(drop)
    }
}
