//! The rate limit of reactions over all sockets and REST calls of a user: one row holds those of the last second.

use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::reactions::rate::{self, ReactionRecord, Verdict};
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, item_of, number, parse};
use crate::platform::dynamo::{Store, StoreError, keys};

/// The row may go this long after its last reaction.
const LIFETIME_SECONDS: i64 = 60;

#[derive(Default, Serialize, Deserialize)]
struct RateRow {
    version: u64,
    reacted: Vec<ReactionRecord>,
    expires_at: i64,
}

impl Store {
    /// Asks to admit so many reactions; `Err` with the time after which they may pass. The write requires the version of the row that was
    /// judged, so calls of any process are judged one after the other.
    pub async fn admit_reactions(
        &self,
        user_id: &str,
        count: u64,
        now: Timestamp,
    ) -> Result<Result<(), Duration>, StoreError> {
        let key = keys::reaction_rate(user_id);
        let asked = ReactionRecord { at: now.as_millisecond(), count, nonce: rand::random() };
        // A stale read does no harm: the write is refused and returns the current row.
        let mut row: RateRow = self.get(&self.connections, &key, Consistency::Eventual).await?.unwrap_or_default();
        loop {
            // The response to an earlier try was lost, and this is the row that it wrote.
            if row.reacted.iter().any(|record| record.nonce == asked.nonce) {
                return Ok(Ok(()));
            }
            let reacted = match rate::judge(&row.reacted, asked) {
                Verdict::Pass(reacted) => reacted,
                Verdict::Wait(wait) => return Ok(Err(wait)),
            };
            let next = RateRow { version: row.version + 1, reacted, expires_at: now.as_second() + LIFETIME_SECONDS };
            let put = self.client.put_item().table_name(&self.connections).set_item(Some(item_of(&key, &next)));
            let put = match row.version {
                0 => put.condition_expression("attribute_not_exists(pk)"),
                read => put.condition_expression("version = :read").expression_attribute_values(":read", number(read)),
            };
            let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            match self.put(put).await? {
                WriteOutcome::Done(_) => return Ok(Ok(())),
                WriteOutcome::Refused(current) => row = current.map(parse).transpose()?.unwrap_or_default(),
            }
        }
    }
}
