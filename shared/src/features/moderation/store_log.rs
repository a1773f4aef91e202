//! The audit log: a table of its own, in which rows are put once. Each entry stands among all of its year, and among those that concern
//! its user.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{Entry, Pseudonym};
use crate::platform::dynamo::calls::{Consistency, item_of, text};
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// Rows of one query. A filter may pass none of them.
const ROWS_PER_QUERY: i32 = 200;
/// A page ends after so many queries, full or not.
const MAX_QUERIES: usize = 10;

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Of this session.
    pub session_id: Option<u64>,
    /// Concerning this user.
    pub target: Option<Pseudonym>,
    /// By this actor.
    pub actor: Option<Pseudonym>,
    /// With this name.
    pub action: Option<String>,
    /// Naming this message.
    pub message_id: Option<MessageId>,
    /// Only those that imposed a sanction.
    pub of_sanctions: bool,
    /// Older than this one.
    pub before: Option<ActionId>,
    /// No older than this time.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

/// A page of entries, newest first.
#[derive(Debug)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The id before which the next page begins, if there may be one.
    pub next_before: Option<ActionId>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct EntryRow {
    #[serde(flatten)]
    pub(super) entry: Entry,
    pub(super) expires_at: Option<i64>,
}

impl Store {
    /// The parts of an act's transaction that put its entry. An entry that is there already is never replaced.
    pub(crate) fn put_entry(&self, entry: &Entry, expires_at: i64) -> Result<Vec<TransactWriteItem>, StoreError> {
        let row = EntryRow { entry: entry.clone(), expires_at: Some(expires_at) };
        let mut places = vec![keys::log_entry(&entry.id)];
        places.extend(entry.target.as_ref().map(|target| keys::log_entry_of(target, &entry.id)));
        places.into_iter().map(|key| self.put_new(&self.audit, item_of(&key, &row))).collect()
    }

    /// The entry with this id.
    pub async fn entry(&self, id: &ActionId, now: Timestamp) -> Result<Option<Entry>, StoreError> {
        let row: Option<EntryRow> = self.get(&self.audit, &keys::log_entry(id), Consistency::Strong).await?;
        Ok(row.filter(|row| !is_expired(row.expires_at, now)).map(|row| row.entry))
    }

    /// A page of the log, strongly consistent: an act that was acknowledged before is in it.
    pub async fn log_page(&self, query: &LogQuery, now: Timestamp) -> Result<LogPage, StoreError> {
        let mut page = LogPage { entries: Vec::new(), next_before: None };
        let newest = query.before.as_ref().map_or(now, |before| before.time().min(now));
        let oldest = query.since.unwrap_or(now - self.audit_retention);
        let mut before = query.before.clone();
        let mut queries = 0;
        for (partition, begin) in partitions(query.target.as_ref(), newest, oldest) {
            loop {
                if queries == MAX_QUERIES {
                    page.next_before = before;
                    return Ok(page);
                }
                queries += 1;
                let (rows, last) = self.log_rows(&partition, before.as_ref(), oldest).await?;
                for row in rows {
                    if page.entries.len() == query.limit {
                        page.next_before = page.entries.last().map(|entry| entry.id.clone());
                        return Ok(page);
                    }
                    if !is_expired(row.expires_at, now) && query.asks_for(&row.entry) {
                        page.entries.push(row.entry);
                    }
                }
                match last {
                    Some(last) => before = Some(last),
                    None => break,
                }
            }
            before = Some(ActionId::first_at(begin));
        }
        Ok(page)
    }

    /// Rows of one partition, and the id of the last one if there are more.
    async fn log_rows(
        &self,
        partition: &str,
        before: Option<&ActionId>,
        oldest: Timestamp,
    ) -> Result<(Vec<EntryRow>, Option<ActionId>), StoreError> {
        let (oldest, before) = (ActionId::first_at(oldest), before.map(ActionId::as_str));
        // DynamoDB refuses bounds in the wrong order.
        if before.is_some_and(|before| before < oldest.as_str()) {
            return Ok((Vec::new(), None));
        }
        let query = self
            .client
            .query()
            .table_name(&self.audit)
            .key_condition_expression("pk = :partition AND sk BETWEEN :oldest AND :before")
            .expression_attribute_values(":partition", text(partition))
            .expression_attribute_values(":oldest", text(oldest.as_str()))
            .expression_attribute_values(":before", text(before.unwrap_or("~")))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(ROWS_PER_QUERY);
        let (mut rows, has_more) = self.query_page::<EntryRow>(query).await?;
        let last = rows.last().filter(|_| has_more).map(|row| row.entry.id.clone());
        // BETWEEN includes its bounds.
        rows.retain(|row| before != Some(row.entry.id.as_str()));
        Ok((rows, last))
    }

    /// `expires_at` of an act's rows, in seconds since 1970.
    pub(crate) fn entry_expires_at(&self, now: Timestamp) -> i64 {
        (now + self.audit_retention).as_second()
    }
}

impl LogQuery {
    fn asks_for(&self, entry: &Entry) -> bool {
        self.session_id.is_none_or(|session_id| entry.session_id == Some(session_id))
            && self.target.as_ref().is_none_or(|target| entry.target.as_ref() == Some(target))
            && self.actor.as_ref().is_none_or(|actor| entry.actor == *actor)
            && (!self.of_sanctions || entry.imposed.is_some())
            && self.action.as_ref().is_none_or(|action| entry.action == *action)
            && self.message_id.is_none_or(|id| entry.message_ids.contains(&id))
    }
}

/// The partitions that hold the entries of these times, the newest first, each with the time of its first entry at the earliest.
fn partitions(target: Option<&Pseudonym>, newest: Timestamp, oldest: Timestamp) -> Vec<(String, Timestamp)> {
    if let Some(target) = target {
        return vec![(keys::log_of(target), oldest)];
    }
    let year = |time: Timestamp| time.to_zoned(TimeZone::UTC).year();
    let begin = |year: i16| date(year, 1, 1).to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |begin| begin.timestamp());
    (year(oldest)..=year(newest)).rev().map(|year| (keys::log_of_year(year), begin(year))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_years_of_a_span_come_newest_first() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (newest, oldest) = (at("2026-01-01T00:00:00Z"), at("2024-12-31T23:59:59Z"));
        let begin = |year: &str| (format!("log#{year}"), at(&format!("{year}-01-01T00:00:00Z")));
        assert_eq!(partitions(None, newest, oldest), ["2026", "2025", "2024"].map(begin));
        assert_eq!(keys::log_entry(&ActionId::at(newest)).pk, "log#2026");
        assert_eq!(keys::log_entry(&ActionId::at(oldest)).pk, "log#2024");
        assert_eq!(partitions(Some(&Pseudonym::random()), newest, oldest).len(), 1);
    }
}
