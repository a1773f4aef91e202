//! The Lambda Invoke API, through which `broadcast` reaches `fan-out` with an ordinary SDK client.

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::de::IgnoredAny;

use crate::apis::events::header_text;
use crate::cloud::engine::trace::Trace;
use crate::cloud::engine::{Engine, InvokeError, MAX_PAYLOAD_BYTES};
use crate::http::limits::Limits;
use crate::http::reply::{self, BodyError, Reply};

/// The functions' prefix in the API's paths.
pub(crate) const PATH_PREFIX: &str = "/2015-03-31/functions/";

/// The largest payload of a request with these headers: an asynchronous event's is queued, and smaller.
pub(crate) fn body_bytes(limits: &Limits, headers: &HeaderMap) -> usize {
    if invocation_type(headers) == "Event" { limits.invoke_event_bytes } else { limits.invoke_body_bytes }
}

/// The answer to a request whose payload cannot be used.
pub(crate) fn unread(error: BodyError, limit: usize) -> Reply {
    match error {
        BodyError::TooLarge => {
            let text = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
            lambda_error(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &text)
        }
        BodyError::Incomplete => invalid_content("The request body is incomplete"),
    }
}

fn invocation_type(headers: &HeaderMap) -> Cow<'_, str> {
    let kind = headers.get("x-amz-invocation-type");
    kind.map_or("RequestResponse".into(), |value| String::from_utf8_lossy(value.as_bytes()))
}

/// Answers one request, which is signed. `tail` is what follows the prefix, such as `send-message/invocations`.
pub(crate) async fn answer(engine: &Engine, tail: &str, head: &Parts, payload: Bytes) -> Reply {
    let Some(name) = tail.strip_suffix("/invocations").filter(|_| head.method == Method::POST) else {
        return lambda_error(StatusCode::NOT_FOUND, "ResourceNotFoundException", "There is no such operation");
    };
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    let name = function_name(&name);
    if !engine.names().any(|known| known == name) {
        return not_found(name);
    }
    let kind = invocation_type(&head.headers);
    let trace = Trace::of(header_text(&head.headers, "x-amzn-trace-id").as_deref());
    let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&payload) {
        return invalid_content(&format!("Could not parse request body into json: {error}"));
    }
    match kind.as_ref() {
        "RequestResponse" => invoke(engine, name, payload, &trace).await,
        "Event" => {
            let (engine, name) = (engine.clone(), name.to_owned());
            // The engine logs a failure; the caller does not wait for the result, and AWS would retry it minutes later.
            tokio::spawn(async move { engine.invoke_event(&name, payload, &trace).await.map(drop) });
            reply::empty(StatusCode::ACCEPTED)
        }
        "DryRun" => reply::empty(StatusCode::NO_CONTENT),
        other => {
            let text = format!("{other} is no InvocationType: RequestResponse, Event and DryRun are");
            lambda_error(StatusCode::BAD_REQUEST, "InvalidParameterValueException", &text)
        }
    }
}

async fn invoke(engine: &Engine, name: &str, payload: Bytes, trace: &Trace) -> Reply {
    let mut reply = match engine.invoke_traced(name, payload, trace).await {
        Ok(returned) => reply::json(StatusCode::OK, returned),
        Err(InvokeError::NoSuchFunction(name)) => return not_found(&name),
        Err(InvokeError::Throttled(_)) => {
            return lambda_error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Rate Exceeded.");
        }
        Err(InvokeError::TooLarge(_)) => return unread(BodyError::TooLarge, MAX_PAYLOAD_BYTES),
        Err(InvokeError::Failed { error, .. }) => {
            let body = serde_json::to_vec(&error).expect("two texts always serialize");
            let mut reply = reply::json(StatusCode::OK, body);
            reply.headers_mut().insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
            reply
        }
    };
    reply.headers_mut().insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if let Ok(trace) = HeaderValue::from_str(trace.as_str()) {
        reply.headers_mut().insert("x-amzn-trace-id", trace);
    }
    reply
}

/// The name in `name`, `name:qualifier`, `account:function:name` or a full ARN.
fn function_name(text: &str) -> &str {
    match text.split_once("function:") {
        Some((_, name)) => name.split(':').next().unwrap_or_default(),
        None => text.split(':').next().unwrap_or_default(),
    }
}

fn not_found(name: &str) -> Reply {
    let text = format!("Function not found: arn:aws:lambda:us-east-1:000000000000:function:{name}");
    lambda_error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &text)
}

fn invalid_content(text: &str) -> Reply {
    lambda_error(StatusCode::BAD_REQUEST, "InvalidRequestContentException", text)
}

fn lambda_error(status: StatusCode, error_type: &'static str, text: &str) -> Reply {
    let body = serde_json::json!({ "Type": "User", "Message": text, "message": text });
    reply::with_error_type(reply::json(status, body.to_string()), error_type)
}
