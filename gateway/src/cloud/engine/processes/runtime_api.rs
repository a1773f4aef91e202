//! The Lambda Runtime API. One port serves every process: the first part of the path names it, at random, so that no other program
//! of this machine takes its events. Nothing that a browser sends is served.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::runtime::{Outcome, Runtimes};
use crate::cloud::engine::{FunctionError, MAX_PAYLOAD_BYTES, lock};
use crate::http::door::is_from_a_browser;

/// The API, version 2018-06-01, on this port.
pub(super) fn router(runtimes: Runtimes, port: u16) -> Router {
    Router::new()
        .route("/{instance}/2018-06-01/runtime/invocation/next", get(next))
        .route("/{instance}/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/{instance}/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/{instance}/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::max(MAX_PAYLOAD_BYTES))
        .layer(from_fn(move |request: Request, next: Next| async move {
            if is_from_a_browser(request.headers(), port) {
                return StatusCode::FORBIDDEN.into_response();
            }
            next.run(request).await
        }))
        .with_state(runtimes)
}

/// The next event for a process; waits until there is one.
async fn next(State(runtimes): State<Runtimes>, Path(instance): Path<String>) -> Response {
    let Some(runtime) = runtimes.get(&instance) else { return StatusCode::FORBIDDEN.into_response() };
    let Some(invocation) = runtime.next.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    let context = &invocation.context;
    let headers = [
        ("lambda-runtime-aws-request-id", context.request_id.clone()),
        ("lambda-runtime-deadline-ms", context.deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", context.invoked_function_arn.clone()),
        ("lambda-runtime-trace-id", context.xray_trace_id.clone().unwrap_or_default()),
        ("content-type", "application/json".to_owned()),
    ];
    let headers: HeaderMap = headers
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?)))
        .collect();
    *lock(&runtime.current) = Some((invocation.context.request_id, invocation.outcome));
    (headers, invocation.payload).into_response()
}

async fn response(
    State(runtimes): State<Runtimes>,
    Path((instance, request_id)): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> StatusCode {
    match body {
        Ok(body) => finish(&runtimes, &instance, &request_id, Ok(body)),
        Err(_too_large) => {
            finish(&runtimes, &instance, &request_id, Err(FunctionError::response_too_large()));
            StatusCode::PAYLOAD_TOO_LARGE
        }
    }
}

/// The runtime's report of a failure.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    error_type: String,
    error_message: String,
}

fn reported(body: &[u8]) -> FunctionError {
    match serde_json::from_slice(body) {
        Ok(Report { error_type, error_message }) => FunctionError { error_type, error_message },
        Err(_) => FunctionError { error_type: "Unhandled".to_owned(), error_message: "no readable report".to_owned() },
    }
}

async fn error(
    State(runtimes): State<Runtimes>,
    Path((instance, request_id)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    finish(&runtimes, &instance, &request_id, Err(reported(&body)))
}

async fn init_error(State(runtimes): State<Runtimes>, Path(instance): Path<String>, body: Bytes) -> StatusCode {
    let Some(runtime) = runtimes.get(&instance) else { return StatusCode::FORBIDDEN };
    *lock(&runtime.init_error) = Some(reported(&body));
    StatusCode::ACCEPTED
}

/// Hands an outcome to its caller. An answer to any request but the current one is refused, as Lambda does it.
fn finish(runtimes: &Runtimes, instance: &str, request_id: &str, outcome: Outcome) -> StatusCode {
    let Some(runtime) = runtimes.get(instance) else { return StatusCode::FORBIDDEN };
    let mut current = lock(&runtime.current);
    match current.take() {
        Some((id, waiting)) if id == request_id => {
            let _gave_up = waiting.send(outcome);
            StatusCode::ACCEPTED
        }
        other => {
            *current = other;
            StatusCode::BAD_REQUEST
        }
    }
}
