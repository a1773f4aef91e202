//! The rate limit over all sockets and REST calls of a user: one row with the sends of the last minute.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::calls::{Consistency, Written, item_of, number, parse};
use super::{Store, StoreError, keys};
use crate::rules::rate::{self, Sent, Verdict, WINDOW_MS};

/// What the limit says to a send.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission {
    /// It counts and may pass.
    Admitted,
    /// A send with the same key was admitted within the minute: this one is its repeat.
    Repeat,
    /// It may not pass before this long.
    Refused(std::time::Duration),
}

#[derive(Default, Serialize, Deserialize)]
struct RateRow {
    version: u64,
    sends: Vec<Sent>,
    expires_at: i64,
}

impl Store {
    /// Asks for one more send of a user. The row changes only from the version that was judged, so that sends in parallel, in
    /// whatever process, are judged one after the other.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn admit_send(
        &self,
        user_id: &str,
        limit: usize,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        let row_key = keys::rate(user_id);
        // An old copy does no harm, for the write refuses it and brings the new one.
        let mut row: RateRow = self.get(&self.connections, &row_key, Consistency::Eventual).await?.unwrap_or_default();
        loop {
            let now_ms = now.as_millisecond();
            let sends = match rate::judge(&row.sends, limit, now_ms, key) {
                Verdict::Pass(sends) => sends,
                Verdict::Repeat => return Ok(Admission::Repeat),
                Verdict::Wait(wait) => return Ok(Admission::Refused(wait)),
            };
            let next = RateRow { version: row.version + 1, sends, expires_at: (now_ms + 10 * WINDOW_MS) / 1000 };
            let put = self
                .client
                .put_item()
                .table_name(&self.connections)
                .set_item(Some(item_of(&row_key, next)))
                .condition_expression(if row.version == 0 { "attribute_not_exists(pk)" } else { "version = :judged" })
                .set_expression_attribute_values(
                    (row.version > 0).then(|| [(":judged".to_owned(), number(row.version))].into()),
                )
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            match self.put(put).await? {
                Written::Done(_) => return Ok(Admission::Admitted),
                Written::Refused(current) => row = current.map(parse).transpose()?.unwrap_or_default(),
            }
        }
    }

    /// Takes an admitted send back, for nothing was stored: it does not count.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn take_back_send(&self, user_id: &str, key: Option<&str>) -> Result<(), StoreError> {
        let row_key = keys::rate(user_id);
        loop {
            let row: Option<RateRow> = self.get(&self.connections, &row_key, Consistency::Strong).await?;
            let Some(row) = row else { return Ok(()) };
            let next = RateRow { version: row.version + 1, sends: rate::without(row.sends, key), ..row };
            let put = self
                .client
                .put_item()
                .table_name(&self.connections)
                .set_item(Some(item_of(&row_key, next)))
                .condition_expression("version = :judged")
                .expression_attribute_values(":judged", number(row.version));
            if let Written::Done(_) = self.put(put).await? {
                return Ok(());
            }
        }
    }
}
