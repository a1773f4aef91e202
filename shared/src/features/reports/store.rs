//! The reports themselves. One transaction puts a report's row, unique by its key, counts it for its message, and for its user's hour. The
//! count has a row of its own: that of the message is hot enough.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Put;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::message::MessageId;
use crate::domain::moderation::report::{HOUR_MS, Reason};
use crate::features::reports::store_tally::Reported;
use crate::platform::dynamo::calls::{Consistency, item_of, number, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// A report, as it is stored. Its user is in the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReport {
    /// Its id, an opaque text.
    pub report_id: String,
    /// Why.
    pub reason: Reason,
    /// In the viewer's words, for staff.
    #[serde(default)]
    pub comment: Option<String>,
    /// The viewer's name.
    pub username: String,
    /// The time, in milliseconds since 1970.
    pub reported_ms: i64,
    /// The expiry of the message, in seconds since 1970.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// The times of a user's reports in the last hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRate {
    version: u64,
    /// In milliseconds since 1970.
    pub reported_ms: Vec<i64>,
    expires_at: i64,
}

impl ReportRate {
    /// The next version of the row.
    #[must_use]
    pub fn with(&self, reported_ms: Vec<i64>, now: Timestamp) -> ReportRate {
        // A clock may be behind by some time.
        let expires_at = now.as_second() + 2 * HOUR_MS / 1000;
        ReportRate { version: self.version + 1, reported_ms, expires_at }
    }
}

/// The outcome of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOutcome {
    /// It is stored, and counts.
    Counted,
    /// The user has reported the message before.
    Repeated,
    /// The user reported something else at the same time, so the rate must be read again.
    RateMoved,
}

impl Store {
    /// The user's report of a message, if there is one.
    pub async fn report(&self, id: MessageId, user_id: &str) -> Result<Option<StoredReport>, StoreError> {
        self.get(&self.chat, &keys::report(id, user_id), Consistency::Strong).await
    }

    /// The user's reports of the last hour.
    pub async fn report_rate(&self, user_id: &str) -> Result<ReportRate, StoreError> {
        let rate = self.get(&self.connections, &keys::report_rate(user_id), Consistency::Strong).await?;
        Ok(rate.unwrap_or_default())
    }

    /// Stores a report, and counts it.
    pub async fn put_report(
        &self,
        reported: &Reported<'_>,
        user_id: &str,
        report: &StoredReport,
        rate: &ReportRate,
    ) -> Result<ReportOutcome, StoreError> {
        let rate_row = Put::builder()
            .table_name(&self.connections)
            .set_item(Some(item_of(&keys::report_rate(user_id), rate)))
            .condition_expression("attribute_not_exists(pk) OR version = :read")
            .expression_attribute_values(":read", number(rate.version - 1));
        let actions = vec![
            self.put_new(&self.chat, item_of(&keys::report(reported.id, user_id), report))?,
            rate_row.part()?,
            self.count_report(reported, report.reason)?,
        ];
        let outcome = self.transact(actions).await?;
        Ok(match (outcome.refused_action(0), outcome.refused_action(1)) {
            (true, _) => ReportOutcome::Repeated,
            (false, true) => ReportOutcome::RateMoved,
            (false, false) => ReportOutcome::Counted,
        })
    }

    /// The reports of a message with their users: at most so many, and at most a page of the query.
    pub async fn reports_about(&self, id: MessageId, at_most: i32) -> Result<Vec<(String, StoredReport)>, StoreError> {
        #[derive(Deserialize)]
        struct ReportRow {
            sk: String,
            #[serde(flatten)]
            report: StoredReport,
        }
        let (rows, _more) = self.query_page::<ReportRow>(self.reports_query(id).limit(at_most)).await?;
        let reports = rows
            .into_iter()
            .filter_map(|row| Some((row.sk.strip_prefix(keys::REPORTER_PREFIX)?.to_owned(), row.report)));
        Ok(reports.collect())
    }

    fn reports_query(&self, id: MessageId) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :reports")
            .expression_attribute_values(":reports", text(keys::reports_of(id)))
            .consistent_read(true)
    }

    /// The users who reported a message: at most so many, and at most a page of the query.
    pub async fn reporters(&self, id: MessageId, at_most: u64) -> Result<Vec<String>, StoreError> {
        #[derive(Deserialize)]
        struct ReporterRow {
            sk: String,
        }
        let query =
            self.reports_query(id).projection_expression("sk").limit(i32::try_from(at_most).unwrap_or(i32::MAX));
        let (rows, _more) = self.query_page::<ReporterRow>(query).await?;
        let users = rows.into_iter().filter_map(|row| row.sk.strip_prefix(keys::REPORTER_PREFIX).map(str::to_owned));
        Ok(users.collect())
    }
}
