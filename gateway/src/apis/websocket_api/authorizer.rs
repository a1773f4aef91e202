//! A REQUEST authorizer: a function that is asked before `$connect`, and whose context all later events carry.
//!
//! The status of each outcome is from the API Gateway developer guide; that a crash gives 500 is inferred.

use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::cloud::engine::{Engine, InvokeError};
use crate::cloud::template::{AuthorizerSpec, IdentitySource};
use crate::http::reply::{self, Reply};

/// Asks the authorizer about a CONNECT event. Answers with the context for all events of the socket, or with the refusal.
pub(super) async fn ask(
    spec: &AuthorizerSpec,
    engine: &Engine,
    stage: &str,
    connect: &Bytes,
) -> Result<Value, Box<Reply>> {
    let event: Value = serde_json::from_slice(connect).unwrap_or_default();
    let refuse = |status, text: &str| Err(Box::new(reply::message(status, text)));
    if !spec.identity_sources.iter().all(|source| is_present(source, &event)) {
        return refuse(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let payload = Bytes::from(request(stage, event).to_string());
    match engine.invoke(&spec.function, payload).await {
        Ok(answer) => match context_if_allowed(&serde_json::from_slice(&answer).unwrap_or_default()) {
            Some(context) => Ok(context),
            None => refuse(StatusCode::FORBIDDEN, "User is not authorized to access this resource"),
        },
        Err(InvokeError::Failed { error, .. }) if error.error_message == "Unauthorized" => {
            refuse(StatusCode::UNAUTHORIZED, "Unauthorized")
        }
        Err(_logged_by_the_engine) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
    }
}

/// Whether the handshake brings what this source names, and not empty.
fn is_present(source: &IdentitySource, event: &Value) -> bool {
    let (map, name) = match source {
        IdentitySource::Header(name) => (&event["headers"], name),
        IdentitySource::Query(name) => (&event["queryStringParameters"], name),
    };
    let is_header = matches!(source, IdentitySource::Header(_));
    let fits = |key: &str| if is_header { key.eq_ignore_ascii_case(name) } else { key == name };
    let mut values = map.as_object().into_iter().flatten();
    values.any(|(key, value)| fits(key) && value.as_str().is_some_and(|value| !value.is_empty()))
}

/// The authorizer's event: that of `$connect` with its type and the ARN that is asked for.
fn request(stage: &str, mut event: Value) -> Value {
    let api = event["requestContext"]["apiId"].as_str().unwrap_or_default();
    let arn = format!("arn:aws:execute-api:us-east-1:000000000000:{api}/{stage}/$connect");
    event["type"] = "REQUEST".into();
    event["methodArn"] = arn.into();
    if let Some(fields) = event.as_object_mut() {
        fields.remove("isBase64Encoded");
    }
    event
}

/// What an answer that allows says of the caller; `None` if it denies, or says neither.
fn context_if_allowed(answer: &Value) -> Option<Value> {
    let statements = &answer["policyDocument"]["Statement"];
    let statements = statements.as_array().map_or_else(|| std::slice::from_ref(statements), Vec::as_slice);
    let says = |effect: &str| statements.iter().any(|statement| statement["Effect"] == effect);
    // As in IAM, a denial wins.
    if !says("Allow") || says("Deny") {
        return None;
    }
    let mut context: Map<String, Value> = answer["context"].as_object().cloned().unwrap_or_default();
    // Numbers and booleans arrive as text.
    for value in context.values_mut() {
        if !value.is_string() {
            *value = value.to_string().into();
        }
    }
    context.insert("principalId".to_owned(), answer["principalId"].clone());
    Some(Value::Object(context))
}
