//! The rate limit over all sockets and REST calls of a user: one row with the sends of the last minute.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::rate::{self, SendRecord, Verdict, WINDOW_MS};
use crate::platform::dynamo::calls::{Consistency, Written, item_of, number, parse};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// What the limit says to a send.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission {
    /// It counts and may pass.
    Admitted(Admitted),
    /// A send with the same key was admitted within the minute: this one is its repeat.
    Repeat,
    /// It may not pass before this long.
    Refused(std::time::Duration),
}

/// That a send counts: only who has it can take it back.
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
        self.ask_limit(rate::judge, user_id, limit, key, now).await
    }

    /// Asks for a repeat whose earlier sends did not finish: it counts from now on, in their place.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
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
        // An old copy does no harm, for the write refuses it and brings the new one.
        let mut row: RateRow = self.get(&self.connections, &row_key, Consistency::Eventual).await?.unwrap_or_default();
        loop {
            // The answer to an earlier try was lost, and the row is what that one made of it.
            if row.sends.iter().any(|sent| sent.nonce == send.nonce) {
                return Ok(Admission::Admitted(Admitted { nonce: send.nonce }));
            }
            let sends = match judge(&row.sends, limit, &send) {
                Verdict::Pass(sends) | Verdict::Ahead(sends) => sends,
                Verdict::Repeat => return Ok(Admission::Repeat),
                Verdict::Wait(wait) => return Ok(Admission::Refused(wait)),
            };
            let next = RateRow { version: row.version + 1, sends, expires_at: (send.at + 10 * WINDOW_MS) / 1000 };
            row = match self.replace_rates(&row_key, row.version, &next).await? {
                Written::Done(_) => next,
                Written::Refused(current) => current.map(parse).transpose()?.unwrap_or_default(),
            };
        }
    }

    /// Takes an admitted send back, for nothing was stored: it does not count. One that a repeat has replaced stays.
    ///
    /// # Errors
    /// [`StoreError`] if the table fails past its retries.
    pub async fn withdraw_send(&self, user_id: &str, admitted: Admitted) -> Result<(), StoreError> {
        let row_key = keys::rate(user_id);
        loop {
            let row: Option<RateRow> = self.get(&self.connections, &row_key, Consistency::Strong).await?;
            let Some(row) = row else { return Ok(()) };
            let Some(sends) = rate::without(row.sends, admitted.nonce) else { return Ok(()) };
            let next = RateRow { version: row.version + 1, sends, expires_at: row.expires_at };
            if let Written::Done(_) = self.replace_rates(&row_key, row.version, &next).await? {
                return Ok(());
            }
        }
    }

    /// Writes a row in the place of the version that was read; 0 is none.
    async fn replace_rates(&self, row_key: &Key, read: u64, next: &RateRow) -> Result<Written, StoreError> {
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
