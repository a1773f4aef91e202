//! The rules of RFC 6455 for a handshake, checked before any function is invoked.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, CONTENT_LENGTH, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::http::list_header::has_member;
use crate::http::reply::{self, Reply};

/// The answer to a client's key: it exists for a request that is a handshake as it should be.
#[derive(Clone, Debug)]
pub(super) struct AcceptKey(String);

/// Reads a handshake; the error is the refusal.
pub(super) fn read<B>(request: &Request<B>, address_bytes: usize) -> Result<AcceptKey, Box<Reply>> {
    let headers = request.headers();
    let refuse = |status, text| Err(Box::new(reply::message(status, text)));
    if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > address_bytes) {
        return refuse(StatusCode::URI_TOO_LONG, "Request-URI Too Large");
    }
    if !has_member(headers, &UPGRADE, "websocket") {
        return Err(Box::new(upgrade_required()));
    }
    let is_upgrade = request.method() == Method::GET && has_member(headers, &CONNECTION, "upgrade");
    if !is_upgrade || request.version() != Version::HTTP_11 {
        return refuse(StatusCode::BAD_REQUEST, "Bad Request");
    }
    // Frames follow the head of a handshake: a body could be taken for frames.
    let has_body = headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
    if has_body || headers.contains_key(TRANSFER_ENCODING) {
        return refuse(StatusCode::BAD_REQUEST, "Bad Request");
    }
    match once(headers, &SEC_WEBSOCKET_VERSION) {
        Some(version) if version == "13" => {}
        Some(_) => return Err(Box::new(upgrade_required())),
        None => return refuse(StatusCode::BAD_REQUEST, "Bad Request"),
    }
    match once(headers, &SEC_WEBSOCKET_KEY) {
        Some(key) if STANDARD.decode(key).is_ok_and(|key| key.len() == 16) => {
            Ok(AcceptKey(derive_accept_key(key.as_bytes())))
        }
        _ => refuse(StatusCode::BAD_REQUEST, "Bad Request"),
    }
}

/// The answer that turns the connection into a socket.
pub(super) fn switch(key: &AcceptKey, protocol: Option<HeaderValue>) -> Reply {
    let mut reply = Response::new(Body::empty());
    *reply.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = reply.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&key.0) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    reply
}

fn upgrade_required() -> Reply {
    let mut reply = reply::message(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
    let headers = reply.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    reply
}

/// A header that must not appear twice (RFC 6455, 11.3).
fn once<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}
