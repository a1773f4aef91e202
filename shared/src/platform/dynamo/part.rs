//! Parts of a transaction.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::builders::{ConditionCheckBuilder, DeleteBuilder, PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use super::calls::Item;
use super::{Store, StoreError};

/// A builder of a part of a transaction.
pub(crate) trait IntoPart {
    /// The part.
    ///
    /// # Errors
    /// If a required field is missing.
    fn part(self) -> Result<TransactWriteItem, StoreError>;
}

impl IntoPart for PutBuilder {
    fn part(self) -> Result<TransactWriteItem, StoreError> {
        Ok(TransactWriteItem::builder().put(complete(self.build())?).build())
    }
}

impl IntoPart for UpdateBuilder {
    fn part(self) -> Result<TransactWriteItem, StoreError> {
        Ok(TransactWriteItem::builder().update(complete(self.build())?).build())
    }
}

impl IntoPart for DeleteBuilder {
    fn part(self) -> Result<TransactWriteItem, StoreError> {
        Ok(TransactWriteItem::builder().delete(complete(self.build())?).build())
    }
}

impl IntoPart for ConditionCheckBuilder {
    fn part(self) -> Result<TransactWriteItem, StoreError> {
        Ok(TransactWriteItem::builder().condition_check(complete(self.build())?).build())
    }
}

impl Store {
    /// The part of a transaction that puts a row. It is refused if the row is there already.
    pub(crate) fn put_new(&self, table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(table).set_item(Some(item));
        put.condition_expression("attribute_not_exists(pk)").part()
    }
}

fn complete<Part>(part: Result<Part, BuildError>) -> Result<Part, StoreError> {
    part.map_err(|error| StoreError::new("building a transaction", error))
}
