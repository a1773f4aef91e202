//! The authors of a session's newest messages, as staff search for them.

use jiff::Timestamp;
use serde::Deserialize;

use crate::platform::dynamo::calls::{number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// So many numbers are looked at, the newest ones: no index lists the users.
const NUMBERS: usize = 2_000;

/// The author of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Author {
    /// The user.
    pub user_id: String,
    /// The user's name at the time.
    pub username: String,
    /// The time of the message, in milliseconds since 1970.
    pub created_ms: i64,
}

impl Store {
    /// The author of each of a session's newest messages, newest first, strongly consistent. Deleted messages keep no name.
    pub async fn authors(&self, session_id: u64, now: Timestamp) -> Result<Vec<Author>, StoreError> {
        let (mut authors, mut examined, mut start) = (Vec::new(), 0, None);
        while examined < NUMBERS {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :pk")
                .filter_expression(
                    "attribute_exists(username) AND (attribute_not_exists(expires_at) OR expires_at > :now)",
                )
                .projection_expression("user_id, username, created_ms")
                .expression_attribute_values(":pk", text(keys::messages(session_id)))
                .expression_attribute_values(":now", number(now.as_second()))
                .set_exclusive_start_key(start)
                .scan_index_forward(false)
                .consistent_read(true)
                .limit(i32::try_from(NUMBERS - examined).unwrap_or(i32::MAX));
            let page = self.query_filtered::<Author>(query).await?;
            examined += page.examined;
            authors.extend(page.rows);
            start = page.last_key;
            if start.is_none() {
                break;
            }
        }
        Ok(authors)
    }
}
