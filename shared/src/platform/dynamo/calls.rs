//! The calls to DynamoDB that all rows share: refused conditions are values, transaction conflicts are retried, and queries are read
//! to their last page.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::platform::dynamo::Store;
use crate::platform::dynamo::keys::Key;
use crate::platform::trace;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Retries of a write that conflicts with a transaction.
const MAX_CONFLICT_RETRIES: u32 = 12;

/// DynamoDB still failed after all retries, or a row cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{call}: {cause}")]
pub struct StoreError {
    call: &'static str,
    cause: String,
}

impl StoreError {
    pub(crate) fn new(call: &'static str, cause: impl std::fmt::Display) -> StoreError {
        StoreError { call, cause: cause.to_string() }
    }

    fn of<E: Error + Send + Sync + 'static>(call: &'static str, error: &SdkError<E>) -> StoreError {
        StoreError::new(call, DisplayErrorContext(error))
    }
}

/// The outcome of a conditional write.
#[derive(Debug)]
pub(crate) enum WriteOutcome {
    /// The write is done. It returned the requested attributes.
    Done(Item),
    /// The condition did not hold. The current row comes with it, if it exists and was requested.
    Refused(Option<Item>),
}

/// The outcome of a transaction.
#[derive(Debug)]
pub(crate) enum TransactionOutcome {
    /// All actions are done.
    Done,
    /// No action is done. Each action whose condition failed has an item: the current row if it was requested, or an empty one.
    Refused(Vec<Option<Item>>),
}

impl TransactionOutcome {
    /// Whether the condition of the action with this index failed.
    pub(crate) fn refused_action(&self, index: usize) -> bool {
        matches!(self, TransactionOutcome::Refused(reasons) if reasons.get(index).is_some_and(Option::is_some))
    }
}

/// One page of a query.
#[derive(Debug)]
pub(crate) struct FilteredPage<Row> {
    /// The rows that pass the filter.
    pub(crate) rows: Vec<Row>,
    /// The number of rows that were read, and paid for.
    pub(crate) examined: usize,
    /// The key of the last row that was read; `None` if there are no further rows.
    pub(crate) last_key: Option<Item>,
}

impl Store {
    pub(crate) async fn get<Row: FromItem>(
        &self,
        table: &str,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Row>, StoreError> {
        let get = self.client.get_item().table_name(table).set_key(Some(key.attributes()));
        let output = get.consistent_read(consistency == Consistency::Strong).send().await;
        let output = output.map_err(|error| StoreError::of("GetItem", &error))?;
        output.item.map(Row::from_item).transpose()
    }

    /// Puts a row under a condition.
    pub(crate) async fn put(&self, put: PutItemFluentBuilder) -> Result<WriteOutcome, StoreError> {
        write("PutItem", || async { put.clone().send().await.map(|output| output.attributes) }).await
    }

    /// Updates a row under a condition.
    pub(crate) async fn update(&self, update: UpdateItemFluentBuilder) -> Result<WriteOutcome, StoreError> {
        write("UpdateItem", || async { update.clone().send().await.map(|output| output.attributes) }).await
    }

    /// Deletes a row under a condition.
    pub(crate) async fn delete(&self, delete: DeleteItemFluentBuilder) -> Result<WriteOutcome, StoreError> {
        write("DeleteItem", || async { delete.clone().send().await.map(|output| output.attributes) }).await
    }

    /// Writes all or nothing.
    pub(crate) async fn transact(&self, actions: Vec<TransactWriteItem>) -> Result<TransactionOutcome, StoreError> {
        // For ten minutes, a request with the same token is the same request: a retry after a lost response does no harm.
        let token = format!("{:032x}", rand::random::<u128>());
        let mut conflicts = Conflicts::default();
        loop {
            let transaction = self.client.transact_write_items().set_transact_items(Some(actions.clone()));
            let Err(error) = transaction.client_request_token(&token).send().await else {
                return Ok(TransactionOutcome::Done);
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
                let in_progress = error.code() == Some("TransactionInProgressException");
                if in_progress && conflicts.may_retry() {
                    conflicts.wait().await;
                    continue;
                }
                return Err(StoreError::of("TransactWriteItems", &error));
            };
            let reasons = canceled.cancellation_reasons();
            let codes = || reasons.iter().map(|reason| reason.code().unwrap_or_default());
            if codes().any(|code| code == "ConditionalCheckFailed") {
                let refused = reasons.iter().map(|reason| {
                    (reason.code() == Some("ConditionalCheckFailed")).then(|| reason.item.clone().unwrap_or_default())
                });
                return Ok(TransactionOutcome::Refused(refused.collect()));
            }
            let transient = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
            if !codes().any(|code| transient.contains(&code)) || !conflicts.may_retry() {
                return Err(StoreError::of("TransactWriteItems", &error));
            }
            conflicts.wait().await;
        }
    }

    /// Reads a query to its last page.
    pub(crate) async fn query_all<Row: FromItem>(&self, query: QueryFluentBuilder) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        let mut pages = query.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| StoreError::of("Query", &error))?;
            for item in page.items.unwrap_or_default() {
                rows.push(Row::from_item(item)?);
            }
        }
        Ok(rows)
    }

    /// The sort keys of a partition, strongly consistent: of all its rows, or of those whose `user_id` is this one.
    pub(crate) async fn sort_keys(
        &self,
        table: &str,
        pk: &str,
        user_id: Option<&str>,
    ) -> Result<Vec<String>, StoreError> {
        #[derive(Deserialize)]
        struct SortKey {
            sk: String,
        }
        let query = self
            .client
            .query()
            .table_name(table)
            .key_condition_expression("pk = :pk")
            .projection_expression("sk")
            .expression_attribute_values(":pk", text(pk))
            .consistent_read(true);
        let query = match user_id {
            Some(user_id) => {
                query.filter_expression("user_id = :user").expression_attribute_values(":user", text(user_id))
            }
            None => query,
        };
        Ok(self.query_all::<SortKey>(query).await?.into_iter().map(|row| row.sk).collect())
    }

    /// Reads one page of a query, and whether there are more.
    pub(crate) async fn query_page<Row: FromItem>(
        &self,
        query: QueryFluentBuilder,
    ) -> Result<(Vec<Row>, bool), StoreError> {
        let page = self.query_filtered(query).await?;
        Ok((page.rows, page.last_key.is_some()))
    }

    /// Reads one page of a query that a filter may thin out.
    pub(crate) async fn query_filtered<Row: FromItem>(
        &self,
        query: QueryFluentBuilder,
    ) -> Result<FilteredPage<Row>, StoreError> {
        let page = query.send().await.map_err(|error| StoreError::of("Query", &error))?;
        let examined = usize::try_from(page.scanned_count).unwrap_or_default();
        let rows = page.items.unwrap_or_default().into_iter().map(Row::from_item).collect::<Result<_, _>>()?;
        Ok(FilteredPage { rows, examined, last_key: page.last_evaluated_key })
    }
}

/// Sends a conditional write, and retries it while it conflicts with a transaction.
async fn write<Failure, Sending>(call: &'static str, send: impl Fn() -> Sending) -> Result<WriteOutcome, StoreError>
where
    Sending: Future<Output = Result<Option<Item>, SdkError<Failure>>>,
    Failure: Error + Send + Sync + 'static,
    aws_sdk_dynamodb::Error: From<SdkError<Failure>>,
{
    use aws_sdk_dynamodb::Error::{ConditionalCheckFailedException, TransactionConflictException};
    let mut conflicts = Conflicts::default();
    loop {
        let error = match send().await {
            Ok(attributes) => return Ok(WriteOutcome::Done(attributes.unwrap_or_default())),
            Err(error) => error,
        };
        let described = StoreError::of(call, &error);
        match aws_sdk_dynamodb::Error::from(error) {
            ConditionalCheckFailedException(refused) => return Ok(WriteOutcome::Refused(refused.item)),
            TransactionConflictException(_) if conflicts.may_retry() => conflicts.wait().await,
            _ => return Err(described),
        }
    }
}

/// The consistency of a read. An eventually consistent read costs half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consistency {
    Strong,
    Eventual,
}

/// Counts the conflicts of a write, and waits after each: exponential backoff with full jitter.
#[derive(Default)]
struct Conflicts(u32);

impl Conflicts {
    fn may_retry(&self) -> bool {
        self.0 < MAX_CONFLICT_RETRIES
    }

    async fn wait(&mut self) {
        self.0 += 1;
        let max_ms = (10u64 << self.0.min(6)) as f64;
        tokio::time::sleep(Duration::from_secs_f64(max_ms * rand::random::<f64>() / 1000.0)).await;
    }
}

/// What a row can be read into: whatever serde reads from its attributes, and what reads them itself.
pub(crate) trait FromItem: Sized {
    /// Reads a row.
    ///
    /// # Errors
    /// If an attribute is missing, or of another type.
    fn from_item(item: Item) -> Result<Self, StoreError>;
}

impl<Row: DeserializeOwned> FromItem for Row {
    fn from_item(item: Item) -> Result<Row, StoreError> {
        parse(item)
    }
}

/// Parses a row into a struct.
pub(crate) fn parse<Row: DeserializeOwned>(item: Item) -> Result<Row, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::new("reading a row", error))
}

/// Builds a row from a struct and its key.
pub(crate) fn item_of(key: &Key, row: impl serde::Serialize) -> Item {
    let mut item: Item = serde_dynamo::to_item(row).expect("rows are plain structs");
    // An absent value is an absent attribute, so that `attribute_not_exists` holds.
    item.retain(|_, value| !value.is_null());
    item.extend(key.attributes());
    item
}

/// The attributes of a struct, with `NULL` for absent values.
pub(crate) fn attributes_of(row: impl serde::Serialize) -> Item {
    serde_dynamo::to_item(row).expect("rows are plain structs")
}

/// Serializes the value of one attribute.
pub(crate) fn attribute_of(value: impl serde::Serialize) -> AttributeValue {
    serde_dynamo::to_attribute_value(value).expect("attributes are plain values")
}

/// Builds a row that wakes the broadcast. Its attribute `trace` names the request that put it.
pub(crate) fn traced_item_of(key: &Key, row: impl serde::Serialize) -> Item {
    let mut item = item_of(key, row);
    if let Some(trace) = trace::current() {
        item.insert("trace".to_owned(), text(trace.as_str()));
    }
    item
}

/// The value of `change_trace`, the attribute that names the request that updated a row last. A request without an id writes `NULL`:
/// otherwise the previous id would stay.
pub(crate) fn change_trace() -> AttributeValue {
    trace::current().map_or(AttributeValue::Null(true), |trace| text(trace.as_str()))
}

/// Extends an update expression, whose last clause is a `SET`: a row that the update creates expires with its session.
pub(crate) fn expiring(expression: &str, expires_at: Option<i64>) -> String {
    match expires_at {
        Some(_) => format!("{expression}, expires_at = if_not_exists(expires_at, :expires)"),
        None => expression.to_owned(),
    }
}

/// The value that [`expiring`] adds.
pub(crate) fn expiry(expires_at: Option<i64>) -> Option<Item> {
    expires_at.map(|at| Item::from([(":expires".to_owned(), number(at))]))
}

/// A number as an attribute.
pub(crate) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// A text as an attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
