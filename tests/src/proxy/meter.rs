//! Reads the capacity that a request consumes from DynamoDB's own responses.

use serde_json::Value;

use super::request::ProxiedRequest;

/// Capacity units of some calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
}

/// Makes a request ask for its consumed capacity.
pub(super) fn ask_for_units(body: &[u8]) -> Vec<u8> {
    let Ok(mut body) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    body["ReturnConsumedCapacity"] = "TOTAL".into();
    body.to_string().into_bytes()
}

/// The units of a request, from its response. A refused write reports none, but is billed like a successful one.
pub(super) fn units_of(request: &ProxiedRequest, answer: &[u8]) -> Units {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let refusal = answer["__type"].as_str().and_then(|kind| kind.rsplit('#').next());
    let consumed = match (refusal, &answer["ConsumedCapacity"]) {
        (Some("ConditionalCheckFailedException"), _) => 1.0,
        (Some("TransactionCanceledException"), _) => {
            let request: Value = serde_json::from_str(&request.body).unwrap_or_default();
            2.0 * request["TransactItems"].as_array().map_or(0.0, |actions| actions.len() as f64)
        }
        (_, Value::Array(tables)) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
        (_, table) => table["CapacityUnits"].as_f64().unwrap_or_default(),
    };
    match request.operation.as_str() {
        "GetItem" | "BatchGetItem" | "Query" | "TransactGetItems" => Units { read: consumed, write: 0.0 },
        _ => Units { read: 0.0, write: consumed },
    }
}

impl std::ops::AddAssign for Units {
    fn add_assign(&mut self, other: Units) {
        self.read += other.read;
        self.write += other.write;
    }
}
