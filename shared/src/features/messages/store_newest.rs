//! The rows of a session's newest numbers, as staff search them: no index lists users, or the messages of one.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::Timestamp;

use crate::platform::dynamo::calls::{FromItem, number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// So many numbers are looked at.
const NUMBERS: usize = 2_000;

impl Store {
    /// Those of the newest rows that have not expired and fulfil a condition, newest first, strongly consistent. `with` adds what the
    /// condition names.
    pub(super) async fn among_newest<Row: FromItem>(
        &self,
        session_id: u64,
        now: Timestamp,
        condition: &str,
        with: impl Fn(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Result<Vec<Row>, StoreError> {
        let (mut rows, mut examined, mut start) = (Vec::new(), 0, None);
        while examined < NUMBERS {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :pk")
                .filter_expression(format!("{condition} AND (attribute_not_exists(expires_at) OR expires_at > :now)"))
                .expression_attribute_values(":pk", text(keys::messages(session_id)))
                .expression_attribute_values(":now", number(now.as_second()))
                .set_exclusive_start_key(start)
                .scan_index_forward(false)
                .consistent_read(true)
                .limit(i32::try_from(NUMBERS - examined).unwrap_or(i32::MAX));
            let page = self.query_filtered::<Row>(with(query)).await?;
            examined += page.examined;
            rows.extend(page.rows);
            start = page.last_key;
            if start.is_none() {
                break;
            }
        }
        Ok(rows)
    }
}
