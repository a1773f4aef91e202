//! DynamoDB's JSON protocol over the embedded engine: one operation, its request and its response.

use bytes::Bytes;
use dynoxide::DynoxideError;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;

/// The APIs of tables and of their streams.
const APIS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// DynamoDB takes no larger request.
pub(super) const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

/// Answers the request of the operation that `X-Amz-Target` names, whichever way it came.
pub(super) fn answer(engine: &dynoxide::Database, target: &str, body: &[u8]) -> Response<Bytes> {
    if body.len() > MAX_BODY_BYTES {
        return too_large();
    }
    match run(engine, target, body) {
        Ok(json) => success(json),
        Err(failure) => reply(failure.status, failure.json),
    }
}

/// The answer to a request that was done.
pub(super) fn success(json: String) -> Response<Bytes> {
    reply(StatusCode::OK, json)
}

/// The answer to a request whose body is too large or incomplete.
pub(super) fn too_large() -> Response<Bytes> {
    let failure = Failure::of_service("SerializationException", "The request is too large or incomplete");
    reply(StatusCode::PAYLOAD_TOO_LARGE, failure.json)
}

fn reply(status: StatusCode, json: String) -> Response<Bytes> {
    let mut reply = Response::new(Bytes::from(json));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, JSON);
    if let Ok(id) = HeaderValue::try_from(format!("{:052X}", rand::random::<u128>())) {
        reply.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    reply
}

/// An operation that failed, as DynamoDB answers it.
struct Failure {
    status: StatusCode,
    json: String,
}

impl Failure {
    fn of_service(kind: &str, message: &str) -> Failure {
        let json = json!({"__type": format!("com.amazon.coral.service#{kind}"), "message": message});
        Failure { status: StatusCode::BAD_REQUEST, json: json.to_string() }
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
        fn run(engine: &dynoxide::Database, target: &str, body: &[u8]) -> Result<String, Failure> {
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
