//! The tally of a message's reports: how many name which reason, what staff heard of them, and whether they hid the message.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::message::MessageId;
use crate::domain::moderation::report::{Reason, Reasons, Tally};
use crate::platform::dynamo::calls::{Consistency, Item, number, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// So many queries read the tallies of a session, the newest messages first. Each reads 1 MB (DynamoDB's limit), which is 1,000 tallies and
/// more: the longest ones have 1,000 bytes, usual ones 250.
const MAX_QUERIES: usize = 4;

/// A message that is reported.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// Its id.
    pub id: MessageId,
    /// Its author.
    pub user_id: &'a str,
    /// Whether the author is of the staff.
    pub by_staff: bool,
    /// Its expiry, in seconds since 1970, which is that of the tally, too.
    pub expires_at: Option<i64>,
}

/// A tally as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTally {
    /// The message.
    pub id: MessageId,
    /// Its author.
    pub user_id: String,
    /// The numbers.
    pub tally: Tally,
    /// How many reports name each reason.
    pub reasons: Reasons,
}

#[derive(Deserialize)]
struct TallyRow {
    sk: String,
    user_id: String,
    reports: u64,
    #[serde(default)]
    told: u64,
    #[serde(default)]
    look_again_at: u64,
    #[serde(default)]
    by_staff: bool,
    #[serde(default)]
    is_hidden: bool,
    #[serde(default)]
    dismissed: bool,
    /// Among them the counters of reasons.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl TallyRow {
    fn read(self, session_id: u64) -> Option<StoredTally> {
        let counter = |(name, count): (&String, &Value)| {
            Some((Reason::of_counter(name)?, count.as_u64().filter(|count| *count > 0)?))
        };
        Some(StoredTally {
            id: MessageId::checked(session_id, self.sk.parse().ok()?)?,
            user_id: self.user_id,
            reasons: self.others.iter().filter_map(counter).collect(),
            tally: Tally {
                reports: self.reports,
                told: self.told,
                look_again_at: self.look_again_at,
                by_staff: self.by_staff,
                hidden: self.is_hidden,
                dismissed: self.dismissed,
            },
        })
    }
}

/// A change of a tally. Each has the state that it was decided on as its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TallyChange {
    /// Staff hear of this number of reports.
    Told(u64),
    /// Its message is hidden; staff hear of it.
    Hidden(u64),
    /// It is not hidden before there are so many reports.
    LookAgainAt(u64),
    /// Its reports are dealt with.
    Dismissed,
}

impl Store {
    /// The tally of a message, strongly consistent.
    pub async fn tally(&self, id: MessageId) -> Result<Option<StoredTally>, StoreError> {
        let row: Option<TallyRow> = self.get(&self.chat, &keys::tally(id), Consistency::Strong).await?;
        Ok(row.and_then(|row| row.read(id.session_id())))
    }

    /// The tallies of a session, of its newest messages if there are too many, and whether there are more.
    pub async fn tallies(&self, session_id: u64) -> Result<(Vec<StoredTally>, bool), StoreError> {
        let (mut tallies, mut start) = (Vec::new(), None);
        for _ in 0..MAX_QUERIES {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :tallies")
                .expression_attribute_values(":tallies", text(keys::tallies(session_id)))
                .set_exclusive_start_key(start)
                .scan_index_forward(false)
                .consistent_read(true);
            let page = self.query_filtered::<TallyRow>(query).await?;
            tallies.extend(page.rows.into_iter().filter_map(|row| row.read(session_id)));
            start = page.last_key;
            if start.is_none() {
                break;
            }
        }
        Ok((tallies, start.is_some()))
    }

    /// The part of a report's transaction that counts it.
    pub(super) fn count_report(
        &self,
        reported: &Reported<'_>,
        reason: Reason,
    ) -> Result<TransactWriteItem, StoreError> {
        let expires = reported.expires_at.map(|at| Item::from([(":expires".to_owned(), number(at))]));
        let expiring = if expires.is_some() { ", expires_at = :expires" } else { "" };
        let update = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::tally(reported.id).attributes()))
            .update_expression(format!(
                "ADD reports :one, {}{} :one SET user_id = :author, by_staff = :by_staff{expiring}",
                Reason::COUNTER,
                reason.name()
            ))
            .set_expression_attribute_values(expires)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":author", text(reported.user_id))
            .expression_attribute_values(":by_staff", AttributeValue::Bool(reported.by_staff));
        update.part()
    }

    /// The part of an act's transaction that deals with the reports of a message. It is refused if that was done before, or if the message
    /// was hidden since the tally was read.
    pub fn dismiss_in_transaction(&self, read: &StoredTally) -> Result<TransactWriteItem, StoreError> {
        self.change_tally(read, TallyChange::Dismissed)
    }

    /// The part of a transaction that changes a tally. It is refused if another call has changed it since it was read.
    pub(super) fn change_tally(
        &self,
        read: &StoredTally,
        change: TallyChange,
    ) -> Result<TransactWriteItem, StoreError> {
        let yes = || AttributeValue::Bool(true);
        let (expression, values) = match change {
            TallyChange::Told(reports) => ("SET told = :told", vec![(":told", number(reports))]),
            TallyChange::Hidden(reports) => {
                ("SET told = :told, is_hidden = :yes", vec![(":told", number(reports)), (":yes", yes())])
            }
            TallyChange::LookAgainAt(reports) => ("SET look_again_at = :again", vec![(":again", number(reports))]),
            TallyChange::Dismissed => ("SET dismissed = :yes REMOVE is_hidden", vec![(":yes", yes())]),
        };
        let hidden = if read.tally.hidden { "attribute_exists(is_hidden)" } else { "attribute_not_exists(is_hidden)" };
        let is_open = format!("attribute_exists(pk) AND attribute_not_exists(dismissed) AND {hidden}");
        // What was told meanwhile is no concern of a dismissal.
        let (condition, told) = match (change, read.tally.told) {
            (TallyChange::Dismissed, _) => (is_open, None),
            (_, 0) => (format!("{is_open} AND attribute_not_exists(told)"), None),
            (_, told) => (format!("{is_open} AND told = :read"), Some(number(told))),
        };
        let mut update = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::tally(read.id).attributes()))
            .update_expression(expression)
            .condition_expression(condition);
        for (name, value) in values.into_iter().chain(told.map(|told| (":read", told))) {
            update = update.expression_attribute_values(name, value);
        }
        update.part()
    }
}
