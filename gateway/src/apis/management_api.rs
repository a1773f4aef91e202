//! `@connections`, the management API of sockets: posts to them, looks at them, closes them.

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, StatusCode};
use hyper::body::Incoming;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::apis::connections::{Connections, PostError};
use crate::http::limits::Limits;
use crate::http::reply::{self, BodyError, Reply};

/// Answers one request about the connection of this id, which is decoded already.
pub(crate) async fn answer(
    connections: &Connections,
    limits: &Limits,
    connection_id: &str,
    request: Request<Incoming>,
) -> Reply {
    if !is_signed(request.headers()) {
        let text = "Missing Authentication Token";
        return reply::typed_error(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", text);
    }
    if !connections.admits_request() {
        return limit_exceeded("Rate exceeded");
    }
    if !is_connection_id(connection_id) {
        let text = format!("Invalid connectionId: {connection_id}");
        return reply::typed_error(StatusCode::BAD_REQUEST, "BadRequestException", &text);
    }
    match *request.method() {
        Method::POST => post(connections, limits, connection_id, request.into_body()).await,
        Method::GET => get(connections, connection_id),
        Method::DELETE if connections.delete(connection_id) => reply::empty(StatusCode::NO_CONTENT),
        Method::DELETE => gone(),
        _ => reply::typed_error(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden"),
    }
}

async fn post(connections: &Connections, limits: &Limits, connection_id: &str, body: Incoming) -> Reply {
    let frame = match reply::read_body(body, limits.message_bytes, limits.body_read).await {
        Ok(bytes) => bytes,
        Err(BodyError::TooLarge) => return too_large(),
        Err(BodyError::Incomplete) => return bad_request("The request's body is incomplete"),
    };
    let Ok(text) = Utf8Bytes::try_from(frame) else { return bad_request("The data is not valid UTF-8") };
    match connections.post(connection_id, text) {
        Ok(()) => reply::empty(StatusCode::OK),
        Err(PostError::Gone) => gone(),
        Err(PostError::Full) => limit_exceeded("The client's buffer is full"),
        Err(PostError::TooLarge) => too_large(),
    }
}

fn get(connections: &Connections, connection_id: &str) -> Reply {
    let Some(connection) = connections.get(connection_id) else { return gone() };
    let client = &connection.client;
    let mut identity = serde_json::json!({ "sourceIp": client.source_ip });
    if let Some(user_agent) = &client.user_agent {
        identity["userAgent"] = user_agent.as_str().into();
    }
    let body = serde_json::json!({
        "connectedAt": client.connected_at.to_string(),
        "identity": identity,
        "lastActiveAt": connection.last_active_at().to_string(),
    });
    reply::json(StatusCode::OK, body.to_string())
}

/// The signature itself is not verified: there is no secret that a local run would protect.
fn is_signed(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256"))
}

fn is_connection_id(id: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    id.len() == 16 && id.strip_suffix('=').is_some_and(|rest| rest.bytes().all(is_base64url))
}

fn gone() -> Reply {
    reply::with_error_type(reply::empty(StatusCode::GONE), "GoneException")
}

fn too_large() -> Reply {
    reply::typed_error(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", "Payload Too Large")
}

fn bad_request(text: &str) -> Reply {
    reply::typed_error(StatusCode::BAD_REQUEST, "BadRequestException", text)
}

fn limit_exceeded(text: &str) -> Reply {
    reply::typed_error(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", text)
}
