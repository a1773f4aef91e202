//! The authors of a session's newest messages, as staff search for them.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::Timestamp;
use serde::Deserialize;

use crate::platform::dynamo::{Store, StoreError};

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
    /// The author of each of a session's newest messages, newest first, strongly consistent; of deleted ones, too.
    pub async fn authors(&self, session_id: u64, now: Timestamp) -> Result<Vec<Author>, StoreError> {
        let with = |query: QueryFluentBuilder| query.projection_expression("user_id, username, created_ms");
        self.among_newest(session_id, now, "attribute_exists(username)", with).await
    }
}
