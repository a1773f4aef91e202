//! Who is present by name, as staff search for people.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::domain::draw::person::Person;
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

    /// The viewers of a session who have a socket, without staff, strongly consistent. Those without a socket have no name here.
    pub async fn viewers_with_sockets(&self, session_id: u64) -> Result<Vec<Person>, StoreError> {
        #[derive(Deserialize)]
        struct Viewer {
            sk: String,
            #[serde(default)]
            username: String,
            #[serde(default)]
            sockets: Vec<String>,
        }
        let query = self
            .client
            .query()
            .table_name(&self.connections)
            .key_condition_expression("pk = :audience")
            .projection_expression("sk, username, sockets")
            .expression_attribute_values(":audience", text(keys::presences(session_id)))
            .consistent_read(true);
        let viewers: Vec<Viewer> = self.query_all(query).await?;
        // After the viewers: of a member of staff who comes meanwhile, both or neither is read.
        let staff: BTreeSet<String> = self.staff_sockets(session_id).await?.into_iter().collect();
        let is_viewer =
            |viewer: &Viewer| !viewer.sockets.is_empty() && !viewer.sockets.iter().any(|socket| staff.contains(socket));
        let person = |viewer: Viewer| Person { user_id: viewer.sk, username: viewer.username };
        Ok(viewers.into_iter().filter(is_viewer).map(person).collect())
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
