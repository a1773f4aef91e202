//! The response of a function of the HTTP API, as HTTP.

use std::collections::BTreeMap;

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use functions::local::Returned;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::http::reply::{self, Reply};

/// Payload format 2.0, as a function outside of this process writes it. There is no `multiValueHeaders` in it: API Gateway ignores that field here, and so do we.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    status_code: Option<Value>,
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
pub(super) fn reply_of(returned: Returned) -> Option<Reply> {
    let json = match returned {
        Returned::Response(response) => return reply_of_response(*response),
        Returned::Json(json) => json,
    };
    // Nearly all are whole responses. A second look finds out what any other is. A list would pass for one, its fields in this order.
    let is_object = json.trim_ascii_start().starts_with(b"{");
    match is_object.then(|| serde_json::from_slice::<Written>(&json)) {
        Some(Ok(response)) if response.status_code.is_some() => response.into_reply(),
        _ => reply_of_any(&json),
    }
}

/// The reply to a function of this process: the same as if it had written its response, and this had been read.
fn reply_of_response(response: ApiGatewayV2httpResponse) -> Option<Reply> {
    let text = |value: &HeaderValue| Some(Value::from(std::str::from_utf8(value.as_bytes()).ok()?));
    let names = response.headers.keys();
    let headers = names.map(|name| Some((name.as_str().to_owned(), text(&response.headers[name])?)));
    let headers = headers.collect::<Option<BTreeMap<String, Value>>>()?;
    let body = match response.body {
        Some(encodings::Body::Text(text)) => text.into_bytes(),
        Some(body) => body.to_vec(),
        None => Vec::new(),
    };
    reply(&Value::from(response.status_code), headers, response.cookies, body)
}

/// The reply to a function that returned anything: a body alone, or a response that is badly made.
fn reply_of_any(returned: &Bytes) -> Option<Reply> {
    let value: Value = serde_json::from_slice(returned).ok()?;
    if value.get("statusCode").is_none() {
        let body = match value {
            Value::String(text) => text,
            _ => String::from_utf8(returned.to_vec()).ok()?,
        };
        return Some(reply::json(StatusCode::OK, body));
    }
    Written::deserialize(value).ok()?.into_reply()
}

impl Written {
    fn into_reply(self) -> Option<Reply> {
        let body = match (self.body.unwrap_or_default(), self.is_base64_encoded) {
            (body, Some(true)) => STANDARD.decode(body).ok()?,
            (body, _) => body.into_bytes(),
        };
        reply(&self.status_code?, self.headers.unwrap_or_default(), self.cookies.unwrap_or_default(), body)
    }
}

fn reply(status: &Value, headers: BTreeMap<String, Value>, cookies: Vec<String>, body: Vec<u8>) -> Option<Reply> {
    let mut reply = Response::new(Body::from(body));
    *reply.status_mut() = reply::status_of(status)?;
    *reply.headers_mut() = headers_of(headers, cookies)?;
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
