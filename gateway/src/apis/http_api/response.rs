//! The response of a function of the HTTP API, as HTTP.

use std::collections::BTreeMap;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::http::reply::{self, Reply};

/// Payload format 2.0. There is no `multiValueHeaders` in it: API Gateway ignores that field here, and so do we.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    status_code: Value,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// The reply, or `None` if the function returned something that is no response.
pub(super) fn reply_of(returned: &Bytes) -> Option<Reply> {
    let value: Value = serde_json::from_slice(returned).ok()?;
    if value.get("statusCode").is_none() {
        let body = match &value {
            Value::String(text) => text.clone(),
            _ => String::from_utf8(returned.to_vec()).ok()?,
        };
        return Some(reply::json(StatusCode::OK, body));
    }
    let returned = Returned::deserialize(value).ok()?;
    let body = match (returned.body.unwrap_or_default(), returned.is_base64_encoded) {
        (body, Some(true)) => STANDARD.decode(body).ok()?,
        (body, _) => body.into_bytes(),
    };
    let mut reply = Response::new(Body::from(body));
    *reply.status_mut() = reply::status_of(&returned.status_code)?;
    *reply.headers_mut() = headers_of(returned.headers.unwrap_or_default(), returned.cookies.unwrap_or_default())?;
    Some(reply)
}

fn headers_of(headers: BTreeMap<String, Value>, cookies: Vec<String>) -> Option<HeaderMap> {
    let mut map = HeaderMap::with_capacity(headers.len() + cookies.len() + 1);
    map.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    for (name, value) in headers {
        let name = HeaderName::try_from(name).ok()?;
        let value = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        // Both belong to the connection, which is the gateway's.
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING && name != http::header::CONNECTION {
            map.insert(name, HeaderValue::try_from(value).ok()?);
        }
    }
    for cookie in cookies {
        map.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(map)
}
