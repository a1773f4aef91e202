//! The numbers of events that are no messages: of acts, and of hosts' events. Such a number counts as unused, like a void, from its
//! allocation on.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use super::rules::Rules;
use super::store_seq::{AllocatedSeq, Allocating, SeqAllocation, refusal};
use crate::domain::message::MAX_SEQ;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, number, parse};
use crate::platform::dynamo::{Store, StoreError, keys};

/// The prefix of the attributes of a session's row that mark allocated numbers, until something is stored under them.
const MARK: &str = "mark#";

/// What the allocation for a host's event writes besides the number.
const MARKED: Allocating = Allocating {
    also: ", #mark = seq + :one, voids = voids + :one, void_minutes.#minute = if_not_exists(void_minutes.#minute, :none) + :one",
    unless: " AND attribute_not_exists(#mark)",
};

/// The outcome of an allocation for an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventSeq {
    /// The number, and the attribute that marks it.
    Allocated {
        /// No other call gets this number.
        seq: u64,
        /// The mark's name.
        mark: String,
    },
    /// The session has ended, and its log stays as it is.
    Ended {
        /// The last number that was allocated.
        last_seq: u64,
    },
}

impl Store {
    /// Allocates the session's next number for a host's event on the conditions of a message ([`Store::allocate_seq`]), and the name of
    /// the attribute that marks it.
    pub async fn allocate_marked_seq(
        &self,
        session: &Session,
        judged_by: Rules,
        now: Timestamp,
    ) -> Result<(SeqAllocation, String), StoreError> {
        let mark = new_mark();
        let update = self.allocation(session, judged_by, now, MARKED).expression_attribute_names("#mark", &mark);
        let allocation = match self.update(update.expression_attribute_values(":none", number(0))).await? {
            WriteOutcome::Done(row) => SeqAllocation::Allocated(parse::<AllocatedSeq>(row)?.seq),
            WriteOutcome::Refused(row) => match row.as_ref().and_then(|row| seq_of(row.get(&mark))) {
                Some(seq) => SeqAllocation::Allocated(seq),
                None => refusal(row, judged_by, now)?,
            },
        };
        Ok((allocation, mark))
    }

    /// Allocates the session's next number for an act, and moves the version of the rules: every send that was judged before is
    /// stored under a lower number, or judged again. Backpressure does not hold it up, because a host's act must not wait for the room.
    pub async fn allocate_event_seq(&self, session: &Session, now: Timestamp) -> Result<EventSeq, StoreError> {
        let mark = new_mark();
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session.id).attributes()))
            .update_expression(
                "SET seq = seq + :one, #mark = seq + :one, voids = voids + :one, rules_version = if_not_exists(rules_version, :none) + :one, #minutes.#minute = if_not_exists(#minutes.#minute, seq), void_minutes.#minute = if_not_exists(void_minutes.#minute, :none) + :one",
            )
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#mark) AND ended <> :yes AND seq < :last")
            .expression_attribute_names("#mark", &mark)
            .expression_attribute_names("#minutes", "minutes")
            .expression_attribute_names("#minute", session.minute_at(now).to_string())
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":last", number(MAX_SEQ))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match self.update(update).await? {
            WriteOutcome::Done(row) => Ok(EventSeq::Allocated { seq: parse::<AllocatedSeq>(row)?.seq, mark }),
            WriteOutcome::Refused(Some(row)) => Ok(match seq_of(row.get(&mark)) {
                Some(seq) => EventSeq::Allocated { seq, mark },
                None => EventSeq::Ended { last_seq: parse::<AllocatedSeq>(row)?.seq },
            }),
            WriteOutcome::Refused(None) => Err(StoreError::new("allocating a number", "the session has no row")),
        }
    }

    /// Removes the mark of a number, once something is stored under it.
    pub async fn remove_mark(&self, session_id: u64, mark: &str) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session_id).attributes()))
            .update_expression("REMOVE #mark")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#mark", mark);
        self.update(update).await.map(drop)
    }

    /// The mark of a number that was allocated for an event and is not removed yet.
    pub(super) async fn mark_of(&self, session_id: u64, seq: u64) -> Result<Option<String>, StoreError> {
        let row: Option<std::collections::HashMap<String, serde_json::Value>> =
            self.get(&self.chat, &keys::session(session_id), Consistency::Strong).await?;
        let is_mark =
            |(name, value): &(String, serde_json::Value)| name.starts_with(MARK) && value.as_u64() == Some(seq);
        Ok(row.and_then(|row| row.into_iter().find(is_mark)).map(|(name, _)| name))
    }
}

/// The mark makes a retry after a lost response find its number, and tells `void_seq` that the number is counted already.
fn new_mark() -> String {
    format!("{MARK}{:08x}", rand::random::<u32>())
}

fn seq_of(mark: Option<&AttributeValue>) -> Option<u64> {
    mark?.as_n().ok()?.parse().ok()
}
