//! The audit log from its oldest entry on, for exports.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::store_log::EntryRow;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{Entry, LogSlice};
use crate::platform::dynamo::calls::text;
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// Rows of one query, most of which may be of other sessions.
const ROWS_PER_QUERY: i32 = 200;

impl Store {
    /// The entries of a session among those that one query finds after an act, the oldest first, strongly consistent.
    pub async fn log_after(&self, session_id: u64, after: &ActionId, now: Timestamp) -> Result<LogSlice, StoreError> {
        let year = after.time().to_zoned(TimeZone::UTC).year();
        let query = self
            .client
            .query()
            .table_name(&self.audit)
            .key_condition_expression("pk = :partition AND sk > :after")
            .expression_attribute_values(":partition", text(keys::log_of_year(year)))
            .expression_attribute_values(":after", text(after.as_str()))
            .consistent_read(true)
            .limit(ROWS_PER_QUERY);
        let (rows, has_more) = self.query_page::<EntryRow>(query).await?;
        let last = rows.last().filter(|_| has_more).map(|row| row.entry.id.clone());
        let is_asked_for =
            |row: &EntryRow| row.entry.session_id == Some(session_id) && !is_expired(row.expires_at, now);
        let entries: Vec<Entry> = rows.into_iter().filter(is_asked_for).map(|row| row.entry).collect();
        let read_to = last.or_else(|| next_year(year, now));
        Ok(LogSlice { entries, read_to })
    }
}

/// Where the log of the next year begins; `None` if that is to come.
fn next_year(year: i16, now: Timestamp) -> Option<ActionId> {
    let begin = Date::new(year.checked_add(1)?, 1, 1).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (begin <= now).then(|| ActionId::first_at(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_goes_on_until_this_year() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        assert_eq!(next_year(2025, now), Some(ActionId::first_at("2026-01-01T00:00:00Z".parse().unwrap())));
        assert_eq!(next_year(2026, now), None);
        assert_eq!(next_year(9999, now), None);
    }
}
