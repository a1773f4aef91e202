//! The rate limit and the pace over all sockets and REST calls of a user: one row holds the sends of the last minute, what slow mode and
//! unique texts ask about, and the strikes.

use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::moderation::pace::{self, PaceRecord, Pacing, Strikes};
use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::rate::{self, SendRecord, Verdict, WINDOW_MS};
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, item_of, number, parse};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// A send that asks to be admitted.
#[derive(Clone, Debug)]
pub struct SendAsk<'a> {
    /// Its author.
    pub user_id: &'a str,
    /// Messages a minute; `None` lifts the limit.
    pub limit: Option<usize>,
    /// A short hash of its `client_message_id`, if it has one.
    pub key: Option<&'a str>,
    /// What the modes ask about its pace.
    pub pacing: Pacing,
    /// The refusal of its text, if there is one. It counts against the limit, and its author need not wait for the next one.
    pub refusal: Option<RuleRefusal>,
    /// The strikes that put an author into a timeout.
    pub strikes: Option<Strikes>,
    /// The time.
    pub now: Timestamp,
    /// Identifies the send.
    pub nonce: u64,
}

impl<'a> SendAsk<'a> {
    /// A send of a text that no mode asks about.
    pub fn new(user_id: &'a str, limit: Option<usize>, key: Option<&'a str>, now: Timestamp) -> SendAsk<'a> {
        let nonce = rand::random();
        SendAsk { user_id, limit, key, pacing: Pacing::default(), refusal: None, strikes: None, now, nonce }
    }

    /// Whether no limit and no mode asks about the send, and nothing counts it.
    pub(super) fn asks_nothing(&self) -> bool {
        self.limit.is_none() && self.pacing.is_free() && self.refusal.is_none()
    }

    /// The refusal of the send after these records.
    fn refusal_after(&self, paced: &[PaceRecord], record: &PaceRecord) -> Option<RuleRefusal> {
        self.pacing.judge(paced, record).err().or_else(|| self.refusal.clone())
    }
}

/// The answer to a send that asks to be admitted.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission {
    /// The send counts and may pass.
    Admitted(Admitted),
    /// A send with the same key was admitted within the minute. This one is its duplicate.
    Duplicate,
    /// The rate limit lets the send pass after this time.
    Refused(Duration),
    /// A rule refuses the send. It counts.
    Ruled {
        /// The rule.
        refusal: RuleRefusal,
        /// Whether it is one strike too many.
        strikes_out: bool,
    },
}

/// The proof that a send counts. Its holder can withdraw the send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    pub(super) nonce: u64,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct RateRow {
    version: u64,
    sends: Vec<SendRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    paced: Vec<PaceRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    strikes: Vec<i64>,
    expires_at: i64,
}

type Judge = fn(&[SendRecord], usize, &SendRecord) -> Verdict;

impl Store {
    /// Asks to admit a send. The write requires the version of the row that was judged, so parallel sends of any process are judged one
    /// after the other. A send that asks again, because the rules have changed, counts once.
    pub async fn admit_send(&self, ask: SendAsk<'_>) -> Result<Admission, StoreError> {
        self.ask(rate::judge, &ask).await
    }

    /// Asks to admit a duplicate whose earlier sends did not finish. It counts from now on, instead of them.
    pub async fn admit_duplicate(&self, ask: SendAsk<'_>) -> Result<Admission, StoreError> {
        self.ask(rate::judge_duplicate, &ask).await
    }

    async fn ask(&self, judge: Judge, ask: &SendAsk<'_>) -> Result<Admission, StoreError> {
        let row_key = keys::rate(ask.user_id);
        let at = ask.now.as_millisecond();
        let send = SendRecord { at, key: ask.key.map(str::to_owned), nonce: ask.nonce };
        let record = ask.pacing.record(at, ask.nonce, ask.key);
        // A stale read does no harm: the write is refused and returns the current row.
        let mut row: RateRow = self.get(&self.connections, &row_key, Consistency::Eventual).await?.unwrap_or_default();
        loop {
            // It asks again, or the response to an earlier try was lost, and this is the row that it wrote.
            let is_counted = row.sends.iter().any(|sent| sent.nonce == send.nonce);
            let mut next = RateRow { expires_at: (at + 11 * WINDOW_MS) / 1000, ..row.clone() };
            if let Some(limit) = ask.limit.filter(|_| !is_counted) {
                next.sends = match judge(&row.sends, limit, &send) {
                    Verdict::Pass(sends) => sends,
                    Verdict::ClockJumpedBack(sends) => {
                        next.sends = sends;
                        row = self.replace_rates(&row_key, &row, next).await?.unwrap_or_else(|current| current);
                        continue;
                    }
                    Verdict::Duplicate => return Ok(Admission::Duplicate),
                    Verdict::Wait(wait) => return Ok(Admission::Refused(wait)),
                };
            }
            let refusal = ask.refusal_after(&row.paced, &record);
            let mut strikes_out = false;
            match (&refusal, ask.strikes) {
                (Some(refusal), Some(strikes)) if refusal.is_strike() && !is_counted => {
                    (next.strikes, strikes_out) = strikes.strike(&row.strikes, at);
                }
                (None, _) if !ask.pacing.is_free() && !row.paced.contains(&record) => {
                    next.paced = pace::with(&row.paced, record.clone());
                }
                _ => {}
            }
            let is_changed = next.sends != row.sends || next.paced != row.paced || next.strikes != row.strikes;
            if is_changed && let Err(current) = self.replace_rates(&row_key, &row, next).await? {
                row = current;
                continue;
            }
            return Ok(match refusal {
                Some(refusal) => Admission::Ruled { refusal, strikes_out },
                None => Admission::Admitted(Admitted { nonce: send.nonce }),
            });
        }
    }

    /// Withdraws an admitted send that stored nothing, so that it does not count. A send that a duplicate has replaced stays.
    pub async fn withdraw_send(&self, user_id: &str, admitted: Admitted) -> Result<(), StoreError> {
        let row_key = keys::rate(user_id);
        loop {
            let row: Option<RateRow> = self.get(&self.connections, &row_key, Consistency::Strong).await?;
            let Some(row) = row else { return Ok(()) };
            let mut next = row.clone();
            next.paced.retain(|sent| sent.nonce != admitted.nonce);
            next.sends = rate::withdraw(next.sends, admitted.nonce).unwrap_or_else(|| row.sends.clone());
            let is_changed = next.sends != row.sends || next.paced != row.paced;
            if !is_changed || self.replace_rates(&row_key, &row, next).await?.is_ok() {
                return Ok(());
            }
        }
    }

    /// Replaces the row that was read; version 0 means that there is none. Returns the new row, or the one that is there instead.
    async fn replace_rates(
        &self,
        row_key: &Key,
        read: &RateRow,
        next: RateRow,
    ) -> Result<Result<RateRow, RateRow>, StoreError> {
        let next = RateRow { version: read.version + 1, ..next };
        let condition = if read.version == 0 { "attribute_not_exists(pk)" } else { "version = :read" };
        let put = self
            .client
            .put_item()
            .table_name(&self.connections)
            .set_item(Some(item_of(row_key, &next)))
            .condition_expression(condition)
            .set_expression_attribute_values(
                (read.version > 0).then(|| [(":read".to_owned(), number(read.version))].into()),
            )
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(match self.put(put).await? {
            WriteOutcome::Done(_) => Ok(next),
            WriteOutcome::Refused(current) => Err(current.map(parse).transpose()?.unwrap_or_default()),
        })
    }
}
