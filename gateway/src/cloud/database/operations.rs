//! DynamoDB's JSON protocol over the embedded engine: one operation, its request and its response.

use axum::http::StatusCode;
use dynoxide::DynoxideError;
use serde_json::json;

/// The APIs of tables and of their streams.
const APIS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// An operation that failed, as DynamoDB answers it.
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) json: String,
}

impl Failure {
    fn of_service(kind: &str, message: &str) -> Failure {
        let json = json!({"__type": format!("com.amazon.coral.service#{kind}"), "message": message});
        Failure { status: StatusCode::BAD_REQUEST, json: json.to_string() }
    }

    pub(super) fn too_large() -> Failure {
        Failure::of_service("SerializationException", "The request is too large or incomplete")
    }
}

impl From<DynoxideError> for Failure {
    fn from(error: DynoxideError) -> Failure {
        let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Failure { status, json: error.to_json() }
    }
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::of_service("SerializationException", &error.to_string())
}

macro_rules! operations {
    ($($name:literal => $method:ident,)*) => {
        /// Runs the operation that `X-Amz-Target` names.
        pub(super) fn run(engine: &dynoxide::Database, target: &str, body: &[u8]) -> Result<String, Failure> {
            let body = std::str::from_utf8(body).map_err(|error| {
                Failure::of_service("SerializationException", &error.to_string())
            })?;
            match APIS.iter().find_map(|api| target.strip_prefix(api)).unwrap_or_default() {
                $($name => {
                    let request = serde_json::from_str(body).map_err(|error| unreadable(&error))?;
                    let response = engine.$method(request)?;
                    serde_json::to_string(&response).map_err(|error| unreadable(&error))
                })*
                _ => Err(Failure::of_service("UnknownOperationException", "There is no such operation")),
            }
        }
    };
}

operations! {
    "BatchExecuteStatement" => batch_execute_statement,
    "BatchGetItem" => batch_get_item,
    "BatchWriteItem" => batch_write_item,
    "CreateTable" => create_table,
    "DeleteItem" => delete_item,
    "DeleteTable" => delete_table,
    "DescribeStream" => describe_stream,
    "DescribeTable" => describe_table,
    "DescribeTimeToLive" => describe_time_to_live,
    "ExecuteStatement" => execute_statement,
    "ExecuteTransaction" => execute_transaction,
    "GetItem" => get_item,
    "GetRecords" => get_records,
    "GetShardIterator" => get_shard_iterator,
    "ListStreams" => list_streams,
    "ListTables" => list_tables,
    "ListTagsOfResource" => list_tags_of_resource,
    "PutItem" => put_item,
    "Query" => query,
    "Scan" => scan,
    "TagResource" => tag_resource,
    "TransactGetItems" => transact_get_items,
    "TransactWriteItems" => transact_write_items,
    "UntagResource" => untag_resource,
    "UpdateItem" => update_item,
    "UpdateTable" => update_table,
    "UpdateTimeToLive" => update_time_to_live,
}
