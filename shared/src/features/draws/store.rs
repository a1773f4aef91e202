//! The rows of draws: one for each, and one with what the room knows, in the session's head. The lists are in
//! [`super::store_entrants`].

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::draw::state::{self, Draws};
use crate::domain::draw::stored::Draw;
use crate::domain::hosted_id::HostedId;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{Consistency, TransactionOutcome, item_of, number, text, traced_item_of};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

#[derive(Serialize, Deserialize)]
struct DrawRow {
    #[serde(flatten)]
    draw: Draw,
    expires_at: Option<i64>,
}

impl Store {
    /// The draws of a session's room, strongly consistent.
    pub async fn draws_of_room(&self, session_id: u64) -> Result<Draws, StoreError> {
        let key = keys::state(session_id, state::STATE);
        Ok(self.get(&self.chat, &key, Consistency::Strong).await?.unwrap_or_default())
    }

    /// A draw, strongly consistent.
    pub async fn draw(&self, id: HostedId, now: Timestamp) -> Result<Option<Draw>, StoreError> {
        let row: Option<DrawRow> = self.get(&self.chat, &keys::draw(id), Consistency::Strong).await?;
        Ok(row.filter(|row| !is_expired(row.expires_at, now)).map(|row| row.draw))
    }

    /// Draws of a session below a number, the newest first, strongly consistent; and the last number that was read, if there may be more.
    /// They may be fewer than asked for: a draw may exclude a thousand users, and a query reads 1 MB.
    pub async fn draws_before(
        &self,
        session_id: u64,
        before: u64,
        at_most: i32,
        now: Timestamp,
    ) -> Result<(Vec<Draw>, Option<u64>), StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :draws AND sk < :before")
            .expression_attribute_values(":draws", text(keys::draws(session_id)))
            .expression_attribute_values(":before", text(keys::hosted_sort_key(before)))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(at_most);
        let (rows, more) = self.query_page::<DrawRow>(query).await?;
        let read_to = rows.last().filter(|_| more).map(|row| row.draw.id.number());
        let draws = rows.into_iter().filter(|row| !is_expired(row.expires_at, now)).map(|row| row.draw);
        Ok((draws.collect(), read_to))
    }

    /// The parts of a transaction that put the next version of a draw, and tell the room. It is refused if either has changed since.
    pub fn replace_draw(
        &self,
        session: &Session,
        next: &Draw,
        draws: Draws,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        #[derive(Serialize)]
        struct Row {
            #[serde(flatten)]
            draws: Draws,
            expires_at: Option<i64>,
        }
        let expires_at = self.history_expires_at(session, now);
        let draw = item_of(&keys::draw(next.id), DrawRow { draw: next.clone(), expires_at });
        let row = Row { draws, expires_at: session.expires_at };
        let of_room = traced_item_of(&keys::state(session.id, state::STATE), row);
        let put = |item, version: u64| {
            let put = Put::builder().table_name(&self.chat).set_item(Some(item));
            match version {
                1 => put.condition_expression("attribute_not_exists(pk)"),
                next => put
                    .condition_expression("#version = :read")
                    .expression_attribute_names("#version", "version")
                    .expression_attribute_values(":read", number(next - 1)),
            }
            .part()
        };
        Ok(vec![put(draw, next.version)?, put(of_room, draws.version)?])
    }

    /// Puts the next version of a draw; `false` if it or the room's draws have changed since.
    pub async fn change_draw(
        &self,
        session: &Session,
        next: &Draw,
        draws: Draws,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let outcome = self.transact(self.replace_draw(session, next, draws, now)?).await?;
        Ok(matches!(outcome, TransactionOutcome::Done))
    }
}
