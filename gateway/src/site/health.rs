//! `/health`: whether this gateway can serve requests, for the script or the container that started it. There is none in the
//! cloud: its alarms say so.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::platform::dynamo::Store;

/// How long the database may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Answers 200 or 503. An edge alone has no database to speak of.
pub(crate) async fn answer(State(store): State<Option<Store>>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    let (status, body) = match store {
        None => (StatusCode::OK, json!({"status": "ok", "version": version})),
        Some(store) => match tokio::time::timeout(TIMEOUT, store.reach()).await {
            Ok(Ok(())) => (StatusCode::OK, json!({"status": "ok", "database": "reachable", "version": version})),
            Ok(Err(_)) | Err(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                json!({"status": "unavailable", "database": "unreachable", "version": version}),
            ),
        },
    };
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
