//! The rows of erasures, and the deletion of whole partitions.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::Pseudonym;
use crate::platform::dynamo::calls::{WriteOutcome, item_of, number, text};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Rows of one query of a partition that is deleted.
const ROWS: i32 = 200;

/// An erasure that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The act.
    pub act: ActionId,
    /// The user.
    pub user_id: String,
    /// The user in the log.
    pub target: Pseudonym,
    /// How far it has come.
    pub progress: Progress,
}

/// How far an erasure has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Whether the rows that belong to no session are gone.
    pub has_begun: bool,
    /// The session that comes next: from the newest to the first. `None` before the first of them, 0 after the last.
    pub session_id: Option<u64>,
    /// The number in that session after which messages are looked at next.
    pub after: u64,
    /// Sessions that are done.
    pub sessions: u64,
    /// Messages that were erased.
    pub messages: u64,
    /// When what holds of the user was kept under a hash, in milliseconds since 1970.
    pub kept_ms: Option<i64>,
}

impl Store {
    /// The part of an act's transaction that begins an erasure.
    pub fn put_erasure(
        &self,
        act: &ActionId,
        user_id: &str,
        target: &Pseudonym,
    ) -> Result<TransactWriteItem, StoreError> {
        let erasure = Erasure {
            act: act.clone(),
            user_id: user_id.to_owned(),
            target: target.clone(),
            progress: Progress::default(),
        };
        self.put_new(&self.chat, item_of(&keys::erasure(act), erasure))
    }

    /// Erasures that are not done, the oldest first.
    pub async fn erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :erasures")
            .expression_attribute_values(":erasures", text(keys::ERASURES))
            .consistent_read(true);
        self.query_all(query).await
    }

    /// Notes how far an erasure has come.
    pub(super) async fn note_progress(&self, erasure: &Erasure) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.chat);
        let put = put.set_item(Some(item_of(&keys::erasure(&erasure.act), erasure)));
        self.put(put.condition_expression("attribute_exists(pk)")).await.map(drop)
    }

    /// The parts of the last transaction of an erasure: its row goes, and a note of the hash stays.
    pub(super) fn end_erasure(
        &self,
        erasure: &Erasure,
        hash: &str,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        #[derive(Serialize)]
        struct ErasedRow {
            erased_ms: i64,
        }
        let delete = Delete::builder().table_name(&self.chat).set_key(Some(keys::erasure(&erasure.act).attributes()));
        // What came before the act is erased, and no later life of the user.
        let row = ErasedRow { erased_ms: erasure.act.time().as_millisecond().min(now.as_millisecond()) };
        let put = Put::builder().table_name(&self.chat).set_item(Some(item_of(&keys::erased_user(hash), row)));
        Ok(vec![delete.condition_expression("attribute_exists(pk)").part()?, put.part()?])
    }

    /// Deletes a row, whether it is there or not.
    pub(super) async fn erase_row(&self, table: &str, key: &Key) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(table).set_key(Some(key.attributes()));
        self.delete(delete).await.map(drop)
    }

    /// Deletes all rows of a partition.
    pub(super) async fn erase_partition(&self, table: &str, pk: &str) -> Result<(), StoreError> {
        loop {
            let query = self
                .client
                .query()
                .table_name(table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(pk))
                .projection_expression("pk, sk")
                .consistent_read(true)
                .limit(ROWS);
            let (rows, has_more) = self.query_page::<Key>(query).await?;
            for key in &rows {
                self.erase_row(table, key).await?;
            }
            if !has_more {
                return Ok(());
            }
        }
    }

    /// Deletes the standing of a user, unless it has changed since it was read.
    pub(super) async fn erase_standing(&self, user_id: &str, read_version: u64) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.chat)
            .set_key(Some(keys::standing(user_id).attributes()))
            .condition_expression("version = :read")
            .expression_attribute_values(":read", number(read_version));
        Ok(matches!(self.delete(delete).await?, WriteOutcome::Done(_)))
    }
}
