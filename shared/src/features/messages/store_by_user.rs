//! The messages of one user, as staff look at them.

use jiff::Timestamp;
use serde::Deserialize;

use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::{number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// So many numbers are looked at, the newest ones: no index lists the messages of a user.
const NUMBERS: usize = 2_000;
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
        let (mut found, mut examined, mut start) = (UsersMessages::default(), 0, None);
        while examined < NUMBERS {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :pk")
                .filter_expression("user_id = :user AND (attribute_not_exists(expires_at) OR expires_at > :now)")
                .expression_attribute_values(":pk", text(keys::messages(session_id)))
                .expression_attribute_values(":user", text(user_id))
                .expression_attribute_values(":now", number(now.as_second()))
                .set_exclusive_start_key(start)
                .scan_index_forward(false)
                .consistent_read(true)
                .limit(i32::try_from(NUMBERS - examined).unwrap_or(i32::MAX));
            let page = self.query_filtered::<Row>(query).await?;
            examined += page.examined;
            for row in page.rows {
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
            start = page.last_key;
            if start.is_none() {
                break;
            }
        }
        found.newest.reverse();
        Ok(found)
    }
}
