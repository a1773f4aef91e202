//! Notes in the rows of a room: which sockets lag, and what each of them misses.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::store_subscribers::Missed;
use crate::platform::dynamo::calls::{WriteOutcome, number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// A lagging socket receives at most this many changes of earlier messages. There are hardly as many while it catches up.
const MAX_MISSED_CHANGES: usize = 200;

impl Store {
    /// Notes that a socket has every message up to a number but not the next one, and the time of its last accepted post; `false` if
    /// the socket is not in the room.
    pub async fn mark_lagging(
        &self,
        session_id: u64,
        connection_id: &str,
        complete_up_to: u64,
        last_taken_ms: i64,
        missed: &Missed,
    ) -> Result<bool, StoreError> {
        let changed = missed.changes.iter().take(MAX_MISSED_CHANGES).map(|id| number(id.as_u64())).collect();
        // Few sockets miss a notice, so the attribute exists only then.
        let notices = missed.notices.iter().map(text).collect::<Vec<_>>();
        let clause = if notices.is_empty() { " REMOVE behind_notices" } else { ", behind_notices = :notices" };
        let notices = (!notices.is_empty()).then(|| (":notices".to_owned(), AttributeValue::L(notices)));
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::subscriber(session_id, connection_id).attributes()))
            .update_expression(format!("SET behind = :seq, behind_ms = :took, behind_changed = :changed{clause}"))
            .set_expression_attribute_values(notices.map(|notices| HashMap::from([notices])))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":seq", number(complete_up_to))
            .expression_attribute_values(":took", number(last_taken_ms))
            .expression_attribute_values(":changed", AttributeValue::L(changed));
        Ok(matches!(self.update(update).await?, WriteOutcome::Done(_)))
    }

    /// Notes that a socket has caught up.
    pub async fn mark_caught_up(&self, session_id: u64, connection_id: &str) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::subscriber(session_id, connection_id).attributes()))
            .update_expression("REMOVE behind, behind_ms, behind_changed, behind_notices")
            .condition_expression("attribute_exists(pk)");
        self.update(update).await.map(drop)
    }
}
