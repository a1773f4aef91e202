//! Who is present by name, as staff search for people.

use serde::Deserialize;

use crate::platform::dynamo::calls::text;
use crate::platform::dynamo::{Store, StoreError, keys};

/// So many queries read one kind of people, each 1 MB: some 5,000.
const MAX_QUERIES: usize = 4;

/// Somebody who has opened a socket and counts as present since.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Present {
    /// The user.
    #[serde(rename = "sk")]
    pub user_id: String,
    /// The user's name when the last socket was opened.
    pub username: String,
    /// The time at which the user was last seen, in milliseconds since 1970.
    pub seen_ms: i64,
}

impl Store {
    /// Those who are present in a session, viewers and others, up to 4 MB of each. A user who only polls has no name here. Rows of older
    /// versions have none either.
    pub async fn present(&self, session_id: u64) -> Result<Vec<Present>, StoreError> {
        let (viewers, uncounted) = tokio::try_join!(
            self.present_in(keys::presences(session_id)),
            self.present_in(keys::uncounted(session_id))
        )?;
        Ok(viewers.into_iter().chain(uncounted).collect())
    }

    async fn present_in(&self, partition: String) -> Result<Vec<Present>, StoreError> {
        let (mut people, mut start) = (Vec::new(), None);
        for _ in 0..MAX_QUERIES {
            let query = self
                .client
                .query()
                .table_name(&self.connections)
                .key_condition_expression("pk = :audience")
                .filter_expression("attribute_exists(username)")
                .projection_expression("sk, username, seen_ms")
                .expression_attribute_values(":audience", text(&partition))
                .set_exclusive_start_key(start);
            let page = self.query_filtered::<Present>(query).await?;
            people.extend(page.rows);
            start = page.last_key;
            if start.is_none() {
                break;
            }
        }
        Ok(people)
    }
}
