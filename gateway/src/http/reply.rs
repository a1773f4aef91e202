//! Small replies that the gateway makes itself, in the shapes that API Gateway gives them.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

/// The answer to a request.
pub(crate) type Reply = Response<Body>;

/// The header in which AWS's services name their errors.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// A status without a body.
pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Body::empty());
    *reply.status_mut() = status;
    reply
}

/// A status with a JSON body.
pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// The error that API Gateway makes: `{"message":"…"}`.
pub(crate) fn message(status: StatusCode, text: &str) -> Reply {
    json(status, serde_json::json!({ "message": text }).to_string())
}

/// The same as the last answer of a connection: further bytes on it may not be a request.
pub(crate) fn last_message(status: StatusCode, text: &str) -> Reply {
    let mut reply = message(status, text);
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
}

/// API Gateway's error with its type, by which an SDK knows it.
pub(crate) fn typed_error(status: StatusCode, error_type: &'static str, text: &str) -> Reply {
    with_error_type(message(status, text), error_type)
}

/// Names the error for an SDK.
pub(crate) fn with_error_type(mut reply: Reply, error_type: &'static str) -> Reply {
    reply.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(error_type));
    reply
}

/// API Gateway takes a number, and a number in quotes as well.
pub(crate) fn status_of(value: &Value) -> Option<StatusCode> {
    let code = match value {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    StatusCode::from_u16(u16::try_from(code).ok()?).ok().filter(|status| (200..=599).contains(&status.as_u16()))
}

/// Why a request's body cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than allowed.
    TooLarge,
    /// It did not come in time, or the connection broke.
    Incomplete,
}

/// Reads a body of at most `limit` bytes. One that is a little larger is read to its end as well, because a client
/// that is still sending does not read the answer.
pub(crate) async fn read_body<B>(mut body: B, limit: usize, timeout: Duration) -> Result<Bytes, BodyError>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let read = async {
        let mut first = Bytes::new();
        let mut all = BytesMut::new();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| BodyError::Incomplete)?.into_data() else { continue };
            length += data.len();
            if length > limit.saturating_mul(2) {
                return Err(BodyError::TooLarge);
            }
            if length > limit {
                all.clear();
            } else if length == data.len() {
                first = data;
            } else {
                all.extend_from_slice(&std::mem::take(&mut first));
                all.extend_from_slice(&data);
            }
        }
        match length {
            length if length > limit => Err(BodyError::TooLarge),
            _ if all.is_empty() => Ok(first),
            _ => Ok(all.freeze()),
        }
    };
    tokio::time::timeout(timeout, read).await.unwrap_or(Err(BodyError::Incomplete))
}
