//! DynamoDB may process only a part of a batch and return the rest. The embedded engine never does, so the proxy simulates it.

use serde_json::{Value, json};

/// Splits a batch request after this many parts: the request that passes, and the parts that do not, by table.
pub(super) fn split(body: &str, pass: usize) -> (String, Value) {
    let mut request: Value = serde_json::from_str(body).unwrap_or_default();
    let (mut left, mut rest) = (pass, json!({}));
    let Some(tables) = request["RequestItems"].as_object_mut() else { return (body.to_owned(), rest) };
    for (table, parts) in tables.iter_mut() {
        let list = if parts.is_array() { &mut *parts } else { &mut parts["Keys"] };
        let Some(list) = list.as_array_mut() else { continue };
        let held_back = list.split_off(left.min(list.len()));
        left -= list.len();
        if !held_back.is_empty() {
            rest[table] = if parts.is_array() { json!(held_back) } else { json!({"Keys": held_back}) };
        }
    }
    // A table without parts is a malformed request.
    tables.retain(|_, parts| {
        let list = if parts.is_array() { &*parts } else { &parts["Keys"] };
        list.as_array().is_some_and(|list| !list.is_empty())
    });
    (request.to_string(), rest)
}

/// The response to a batch whose rest was held back.
pub(super) fn join(operation: &str, answer: &[u8], rest: Value) -> String {
    let mut answer: Value = serde_json::from_slice(answer).unwrap_or_else(|_| json!({}));
    answer[if operation == "BatchGetItem" { "UnprocessedKeys" } else { "UnprocessedItems" }] = rest;
    answer.to_string()
}
