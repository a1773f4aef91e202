//! The rate limit over all sockets and REST calls of a user: one row holds the sends of the last minute.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::rate::{self, SendRecord, Verdict, WINDOW_MS};
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, item_of, number, parse};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The limit's answer to a send.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission {
    /// The send counts and may pass.
    Admitted(Admitted),
    /// A send with the same key was admitted within the minute. This one is its duplicate.
    Duplicate,
    /// The send may pass after this time.
    Refused(std::time::Duration),
}

/// The proof that a send counts. Its holder can withdraw the send.
#[derive(Debug, PartialEq, Eq)]
pub struct Admitted {
    nonce: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct RateRow {
    version: u64,
    sends: Vec<SendRecord>,
    expires_at: i64,
}

type Judge = fn(&[SendRecord], usize, &SendRecord) -> Verdict;

impl Store {
    /// Asks the rate limit to admit a send. The write requires the version of the row that was judged, so parallel sends of any process
    /// are judged one after the other.
    pub async fn admit_send(
        &self,
        user_id: &str,
        limit: usize,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        self.ask_limit(rate::judge, user_id, limit, key, now).await
    }

    /// Asks the rate limit to admit a duplicate whose earlier sends did not finish. It counts from now on, instead of them.
    pub async fn admit_duplicate(
        &self,
        user_id: &str,
        limit: usize,
        key: &str,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        self.ask_limit(rate::judge_duplicate, user_id, limit, Some(key), now).await
    }

    async fn ask_limit(
        &self,
        judge: Judge,
        user_id: &str,
        limit: usize,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        let row_key = keys::rate(user_id);
        let send = SendRecord { at: now.as_millisecond(), key: key.map(str::to_owned), nonce: rand::random() };
        // A stale read does no harm: the write is refused and returns the current row.
        let mut row: RateRow = self.get(&self.connections, &row_key, Consistency::Eventual).await?.unwrap_or_default();
        loop {
            // The response to an earlier try was lost, and this is the row that it wrote.
            if row.sends.iter().any(|sent| sent.nonce == send.nonce) {
                return Ok(Admission::Admitted(Admitted { nonce: send.nonce }));
            }
            let sends = match judge(&row.sends, limit, &send) {
                Verdict::Pass(sends) | Verdict::ClockJumpedBack(sends) => sends,
                Verdict::Duplicate => return Ok(Admission::Duplicate),
                Verdict::Wait(wait) => return Ok(Admission::Refused(wait)),
            };
            let next = RateRow { version: row.version + 1, sends, expires_at: (send.at + 10 * WINDOW_MS) / 1000 };
            row = match self.replace_rates(&row_key, row.version, &next).await? {
                WriteOutcome::Done(_) => next,
                WriteOutcome::Refused(current) => current.map(parse).transpose()?.unwrap_or_default(),
            };
        }
    }

    /// Withdraws an admitted send that stored nothing, so that it does not count. A send that a duplicate has replaced stays.
    pub async fn withdraw_send(&self, user_id: &str, admitted: Admitted) -> Result<(), StoreError> {
        let row_key = keys::rate(user_id);
        loop {
            let row: Option<RateRow> = self.get(&self.connections, &row_key, Consistency::Strong).await?;
            let Some(row) = row else { return Ok(()) };
            let Some(sends) = rate::withdraw(row.sends, admitted.nonce) else { return Ok(()) };
            let next = RateRow { version: row.version + 1, sends, expires_at: row.expires_at };
            if let WriteOutcome::Done(_) = self.replace_rates(&row_key, row.version, &next).await? {
                return Ok(());
            }
        }
    }

    /// Replaces the version of the row that was read. Version 0 means that there is no row.
    async fn replace_rates(&self, row_key: &Key, read: u64, next: &RateRow) -> Result<WriteOutcome, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.connections)
            .set_item(Some(item_of(row_key, next)))
            .condition_expression(if read == 0 { "attribute_not_exists(pk)" } else { "version = :read" })
            .set_expression_attribute_values((read > 0).then(|| [(":read".to_owned(), number(read))].into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.put(put).await
    }
}
