//! The standing of a user: one row, over all sessions.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::moderation::standing::Standing;
use crate::platform::dynamo::calls::{Consistency, item_of, number};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The row is kept for so long after its last sanction has ended.
const KEPT_SECONDS: i64 = 24 * 3600;

#[derive(Serialize, Deserialize)]
struct StandingRow {
    #[serde(flatten)]
    standing: Standing,
    expires_at: Option<i64>,
}

impl Store {
    /// The standing of a user, strongly consistent: an act that was acknowledged before is in it.
    pub async fn standing(&self, user_id: &str) -> Result<Standing, StoreError> {
        let row: Option<StandingRow> = self.get(&self.chat, &keys::standing(user_id), Consistency::Strong).await?;
        Ok(row.map(|row| row.standing).unwrap_or_default())
    }

    /// The part of an act's transaction that replaces a standing. It is refused if another act has replaced it since it was read.
    pub fn replace_standing(
        &self,
        user_id: &str,
        read_version: u64,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        // Sanctions that were lifted have ended now. A row that went at once would take its version along, which sends and acts that are under
        // way have as a condition.
        let ends = standing.ends_ms().map(|ends_ms| ends_ms.div_euclid(1000).max(now.as_second()));
        let expires_at = ends.map(|ends| ends + KEPT_SECONDS);
        let standing = Standing { version: read_version + 1, ..standing.clone() };
        let row = StandingRow { standing, expires_at };
        let put = Put::builder().table_name(&self.chat).set_item(Some(item_of(&keys::standing(user_id), row)));
        let put = match read_version {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            read => put.condition_expression("version = :read").expression_attribute_values(":read", number(read)),
        };
        put.part()
    }
}
