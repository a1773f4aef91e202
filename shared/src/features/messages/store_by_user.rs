//! The messages of one user, as staff look at them.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::Timestamp;
use serde::Deserialize;

use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::text;
use crate::platform::dynamo::{Store, StoreError};

/// So many of the messages come with their texts.
const MESSAGES: usize = 50;

/// The messages of a user among a session's newest numbers.
#[derive(Debug, Default)]
pub struct UsersMessages {
    /// The newest of them that stand or are hidden, in ascending order.
    pub newest: Vec<StoredMessage>,
    /// The number of those that stand or are hidden.
    pub standing: usize,
    /// The number of those that were deleted.
    pub deleted: usize,
}

impl Store {
    /// The messages of a user among a session's newest numbers, strongly consistent.
    pub async fn messages_of(
        &self,
        session_id: u64,
        user_id: &str,
        now: Timestamp,
    ) -> Result<UsersMessages, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default)]
            deleted: bool,
            #[serde(default)]
            is_hidden: Option<bool>,
            #[serde(flatten)]
            message: Option<StoredMessage>,
        }
        let with = |query: QueryFluentBuilder| query.expression_attribute_values(":user", text(user_id));
        let mut found = UsersMessages::default();
        for row in self.among_newest::<Row>(session_id, now, "user_id = :user", with).await? {
            match row.message {
                Some(message) if !row.deleted || row.is_hidden == Some(true) => {
                    found.standing += 1;
                    if found.newest.len() < MESSAGES {
                        found.newest.push(message);
                    }
                }
                _ => found.deleted += usize::from(row.deleted),
            }
        }
        found.newest.reverse();
        Ok(found)
    }
}
