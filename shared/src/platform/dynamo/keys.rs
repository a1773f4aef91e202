//! All key formats of the tables, a file for each table. A partition bears about 1,000 small writes a second, so likes and idempotency rows
//! have partitions of their own, apart from the session and its messages.

mod audit;
mod chat;
mod connections;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

pub(crate) use self::audit::*;
pub use self::chat::*;
pub(crate) use self::connections::*;

/// The key of a row: `pk` and `sk`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Key {
        Key { pk, sk: sk.into() }
    }

    pub(crate) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}
