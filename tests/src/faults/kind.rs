//! Every fault of a call, and how the proxy injects it: the responses are those that AWS documents.

use std::time::Duration;

use serde_json::{Value, json};

use crate::proxy::{Fate, ProxiedRequest};

/// A fault of a call to DynamoDB, to `@connections` or to Lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `ThrottlingException`.
    Throttled,
    /// `ProvisionedThroughputExceededException`.
    Exceeded,
    /// `TransactionConflict`: the reason of a cancelled transaction, or the answer to a single write that meets one.
    Conflict,
    /// 500, and the call had no effect.
    ServerError,
    /// 500, but the call took effect.
    ErrorAfterWrite,
    /// The call is slow.
    Slow,
    /// The connection is cut before the request arrives.
    CutBefore,
    /// The connection is cut after the call took effect: the response is lost.
    CutAfter,
    /// A part of a batch comes back as unprocessed.
    Unprocessed,
    /// `@connections`: 410.
    Gone,
    /// `@connections`: 429.
    TooMany,
    /// `@connections`: 503.
    PostError,
    /// `@connections`: a post is slow.
    SlowPost,
    /// `@connections`: cut before the frame reaches the socket.
    PostCut,
    /// `@connections`: cut after the frame reached the socket.
    PostCutAfter,
    /// Lambda: 429.
    InvokeRefused,
    /// Lambda: 500, and the function was not invoked.
    InvokeError,
    /// Lambda: cut before the function was invoked.
    InvokeCut,
    /// Lambda: the function ran, but its answer is lost.
    InvokeCutAfter,
    /// Lambda: the function ran, but its answer is lost.
    InvokeLost,
}

impl Kind {
    /// The name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Throttled => "table: throttled",
            Kind::Exceeded => "table: throughput exceeded",
            Kind::Conflict => "table: transaction conflict",
            Kind::ServerError => "table: 500 before the write",
            Kind::ErrorAfterWrite => "table: 500 after the write",
            Kind::Slow => "table: slow",
            Kind::CutBefore => "table: cut before the write",
            Kind::CutAfter => "table: cut after the write",
            Kind::Unprocessed => "table: unprocessed items",
            Kind::Gone => "socket: 410",
            Kind::TooMany => "socket: 429",
            Kind::PostError => "socket: 503",
            Kind::SlowPost => "socket: slow post",
            Kind::PostCut => "socket: cut before the post",
            Kind::PostCutAfter => "socket: cut after the post",
            Kind::InvokeRefused => "invocation: 429",
            Kind::InvokeError => "invocation: 500",
            Kind::InvokeCut => "invocation: cut before the invocation",
            Kind::InvokeCutAfter => "invocation: cut after the invocation",
            Kind::InvokeLost => "invocation: ran, but its answer is lost",
        }
    }

    /// The fate of this request; `None` if this fault does not apply to it. `dice` varies the details.
    pub fn fate(self, request: &ProxiedRequest, dice: u64) -> Option<Fate> {
        let operation = request.operation.as_str();
        let is_transaction = operation == "TransactWriteItems";
        let is_write = matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem");
        let refusal = |name: &str| {
            Fate::Answer(
                400,
                json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": "Injected"})
                    .to_string(),
            )
        };
        Some(match self {
            // A transaction is throttled as a whole, or because of one of its actions.
            Kind::Throttled if is_transaction && dice.is_multiple_of(2) => canceled(request, "ThrottlingError"),
            Kind::Throttled => refusal("ThrottlingException"),
            Kind::Exceeded if is_transaction => canceled(request, "ProvisionedThroughputExceeded"),
            Kind::Exceeded => refusal("ProvisionedThroughputExceededException"),
            Kind::Conflict if is_transaction => canceled(request, "TransactionConflict"),
            Kind::Conflict if is_write => refusal("TransactionConflictException"),
            Kind::Conflict => return None,
            Kind::ServerError => Fate::Answer(500, internal_error()),
            Kind::ErrorAfterWrite => Fate::AnswerAfter(500, internal_error()),
            Kind::Slow => Fate::Delay(Duration::from_millis(5 + dice % 120)),
            Kind::CutBefore | Kind::PostCut | Kind::InvokeCut => Fate::Cut,
            Kind::CutAfter | Kind::InvokeCutAfter => Fate::CutAfter,
            Kind::Unprocessed if operation.starts_with("Batch") => Fate::Unprocessed((dice % 3) as usize),
            Kind::Unprocessed => return None,
            _ if operation != "POST" => return None,
            Kind::Gone => Fate::Answer(410, String::new()),
            Kind::TooMany => Fate::Answer(429, json!({"message": "Rate exceeded"}).to_string()),
            Kind::PostError => Fate::Answer(503, json!({"message": "Service Unavailable"}).to_string()),
            Kind::SlowPost => Fate::Delay(Duration::from_millis(5 + dice % 200)),
            Kind::PostCutAfter => Fate::CutAfter,
            Kind::InvokeRefused => Fate::Answer(429, json!({"Type": "User", "message": "Rate Exceeded."}).to_string()),
            Kind::InvokeError => Fate::Answer(500, json!({"Type": "Service", "message": "Injected"}).to_string()),
            Kind::InvokeLost => Fate::AnswerAfter(200, json!({"message": "Injected"}).to_string()),
        })
    }
}

fn internal_error() -> String {
    json!({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "Injected"}).to_string()
}

/// A cancelled transaction, with this reason on its last action.
fn canceled(request: &ProxiedRequest, reason: &str) -> Fate {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let actions = body["TransactItems"].as_array().map_or(1, Vec::len);
    let mut reasons = vec![json!({"Code": "None"}); actions - 1];
    reasons.push(json!({"Code": reason, "Message": "Injected"}));
    let answer = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{reason}]"),
        "CancellationReasons": reasons,
    });
    Fate::Answer(400, answer.to_string())
}
