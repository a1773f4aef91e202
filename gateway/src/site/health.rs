//! `/health`: whether this gateway can serve requests, for the script or the container that started it. There is none in the
//! cloud: its alarms say so.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;
use shared::platform::dynamo::Store;

/// How long the database may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The state of the database.
enum Database {
    Reachable,
    /// It answers, but cannot write: the disk is full, or the folder is read-only.
    ReadOnly,
    Unreachable,
}

/// Answers 200 or 503. An edge alone has no database to speak of.
pub(crate) async fn answer(State(store): State<Option<Store>>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    let (status, body) = match store {
        None => (StatusCode::OK, json!({"status": "ok", "version": version})),
        Some(store) => {
            let (code, status, database) = match database(&store).await {
                Database::Reachable => (StatusCode::OK, "ok", "reachable"),
                Database::ReadOnly => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "read-only"),
                Database::Unreachable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "unreachable"),
            };
            (code, json!({"status": status, "database": database, "version": version}))
        }
    };
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Reads both tables, then writes: most of what the chat does is a write, and a full disk refuses nothing else.
async fn database(store: &Store) -> Database {
    let Ok(Ok(())) = tokio::time::timeout(TIMEOUT, store.reach()).await else { return Database::Unreachable };
    match tokio::time::timeout(TIMEOUT, store.probe_write(Timestamp::now())).await {
        Ok(Ok(())) => Database::Reachable,
        Ok(Err(_)) | Err(_) => Database::ReadOnly,
    }
}
