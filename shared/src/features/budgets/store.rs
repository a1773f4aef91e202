//! The counts of a user in the table: a row for each budget and minute, so that no write has a condition that may fail.

use aws_sdk_dynamodb::types::ReturnValue;
use serde::Deserialize;

use crate::domain::budget::Budget;
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, number, parse};
use crate::platform::dynamo::{Store, StoreError, keys};

/// The lifetime of a row after its minute, in seconds: enough for clocks that differ.
const KEPT_SECONDS: i64 = 600;

#[derive(Deserialize)]
struct BudgetRow {
    spent: u64,
}

impl Store {
    /// Adds to a user's count of a minute since 1970. Returns the new count.
    pub async fn add_spent(&self, budget: Budget, user_id: &str, minute: i64, more: u64) -> Result<u64, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::budget(user_id, budget, minute).attributes()))
            .update_expression("SET expires_at = :expires ADD spent :more")
            .expression_attribute_values(":expires", number((minute + 1) * 60 + KEPT_SECONDS))
            .expression_attribute_values(":more", number(more))
            .return_values(ReturnValue::AllNew);
        match self.update(update).await? {
            WriteOutcome::Done(row) => Ok(parse::<BudgetRow>(row)?.spent),
            // There is no condition that could refuse it.
            WriteOutcome::Refused(_) => Ok(more),
        }
    }

    /// A user's count of a minute, as far as it is written.
    pub async fn spent(&self, budget: Budget, user_id: &str, minute: i64) -> Result<u64, StoreError> {
        let key = keys::budget(user_id, budget, minute);
        let row: Option<BudgetRow> = self.get(&self.connections, &key, Consistency::Eventual).await?;
        Ok(row.map_or(0, |row| row.spent))
    }
}
