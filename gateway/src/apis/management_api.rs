//! `@connections`, the management API of sockets: posts to them, looks at them, closes them.

use bytes::Bytes;
use http::{Method, StatusCode};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::apis::connections::{Connections, PostError};
use crate::http::reply::{self, BodyError, Reply};

/// Answers one request about the connection of this id, which is decoded already. It is signed: the door has seen to that.
pub(crate) fn answer(connections: &Connections, connection_id: &str, method: &Method, frame: Bytes) -> Reply {
    if !connections.admits_request() {
        return limit_exceeded("Rate exceeded");
    }
    if !is_connection_id(connection_id) {
        let text = format!("Invalid connectionId: {connection_id}");
        return reply::typed_error(StatusCode::BAD_REQUEST, "BadRequestException", &text);
    }
    match *method {
        Method::POST => post(connections, connection_id, frame),
        Method::GET => get(connections, connection_id),
        Method::DELETE if connections.delete(connection_id) => reply::empty(StatusCode::NO_CONTENT),
        Method::DELETE => gone(),
        _ => reply::typed_error(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden"),
    }
}

/// The answer to a request whose body cannot be used.
pub(crate) fn unread(error: BodyError) -> Reply {
    match error {
        BodyError::TooLarge => too_large(),
        BodyError::Incomplete => bad_request("The request's body is incomplete"),
    }
}

fn post(connections: &Connections, connection_id: &str, frame: Bytes) -> Reply {
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
