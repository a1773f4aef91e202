//! HTTP requests in, JSON or problem details (RFC 9457) out.

use std::sync::Arc;

use lambda_http::http::StatusCode;
use lambda_http::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::domain::caller::Caller;
use crate::domain::custom_event::EventDraft;
use crate::domain::error::ChatError;
use crate::domain::export::request::{ExportRequest, RawExport};
use crate::domain::hosted_id::HostedId;
use crate::domain::message::{Draft, MessageId};
use crate::domain::moderation::report::ReportRequest;
use crate::domain::moderation::request::ActionRequest;
use crate::domain::moderation::standing::Standing;
use crate::domain::moderation::standing_view::StandingView;
use crate::domain::wire::client_frame::{parse_announcement_body, parse_send_body};
use crate::features::sessions::list::parse_session_id;
use crate::features::sessions::resolve::Addressed;
use crate::lambda::app::App;
use crate::lambda::invocation;
use crate::lambda::reply::Reply;

/// In bytes: enough for the longest message with every character escaped, and its key.
const MAX_BODY_BYTES: usize = 128 * 1024;

/// Verifies the caller of a request.
///
/// # Errors
/// [`ChatError::Unauthorized`] without a token that verifies.
pub async fn caller(app: &App, request: &Request) -> Result<Caller, ChatError> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header
        .and_then(bearer_token)
        .ok_or_else(|| ChatError::Unauthorized("Send Authorization: Bearer <token>".to_owned()))?;
    app.verifier.verify(token, app.chat.clock.now()).await
}

/// The standing of the caller of a request, which is read once.
#[derive(Clone, Default)]
struct OwnStanding(Arc<OnceCell<Standing>>);

/// Lets all who ask for the caller's standing share one read.
pub fn share_standing(request: &mut Request) {
    request.extensions_mut().insert(OwnStanding::default());
}

/// The standing of the caller of a request, strongly consistent. It is read once, however many ask ([`share_standing`]).
///
/// # Errors
/// [`ChatError::Unavailable`].
pub async fn standing(app: &App, caller: &Caller, request: &Request) -> Result<Standing, ChatError> {
    let shared = request.extensions().get::<OwnStanding>().cloned().unwrap_or_default();
    let read = shared.0.get_or_try_init(|| app.chat.standing(&caller.user_id)).await;
    Ok(read?.clone())
}

/// A parameter of the query, if it is there; the last value of a repeated one.
pub fn query<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let parameters = request.query_string_parameters_ref()?;
    // API Gateway joins the values of a repeated key with commas.
    parameters.all(name)?.last().copied()
}

/// The session or the room that the query names.
pub fn addressed(request: &Request) -> Addressed<'_> {
    Addressed { session_id: query(request, "session_id"), room: query(request, "room") }
}

/// A header's value; several with the same name count as one list (RFC 9110, 5.3), which API Gateway joins.
///
/// # Errors
/// [`ChatError::InvalidRequest`] if it has other characters than visible ASCII.
pub fn header(request: &Request, name: HeaderName) -> Result<Option<&str>, ChatError> {
    let invalid = |_| ChatError::InvalidRequest(format!("The header {name} is malformed"));
    request.headers().get(&name).map(|value| value.to_str().map_err(invalid)).transpose()
}

/// A parameter of the path.
pub fn path<'a>(request: &'a Request, name: &str) -> &'a str {
    request.path_parameters_ref().and_then(|parameters| parameters.first(name)).unwrap_or_default()
}

/// The path's `message_id`.
///
/// # Errors
/// [`ChatError::InvalidRequest`] if it is not an id.
pub fn message_id(request: &Request) -> Result<MessageId, ChatError> {
    MessageId::parse(path(request, "message_id"))
}

/// The path's `session_id`.
///
/// # Errors
/// [`ChatError::NotFound`] if it is no id: there is no such session.
pub fn session_id(request: &Request) -> Result<u64, ChatError> {
    parse_session_id(path(request, "session_id"))
}

/// What a request asks to export.
///
/// # Errors
/// [`ChatError::InvalidRequest`] for a parameter.
pub fn export(request: &Request) -> Result<ExportRequest, ChatError> {
    ExportRequest::parse(RawExport {
        format: query(request, "format"),
        after: query(request, "after"),
        next: query(request, "next"),
        include_deleted: query(request, "include_deleted"),
        start: query(request, "start"),
        user_id: query(request, "user_id"),
    })
}

/// The path's `poll_id`.
///
/// # Errors
/// [`ChatError::InvalidRequest`] if it is no number, [`ChatError::NotFound`] if no poll can have it.
pub fn poll_id(request: &Request) -> Result<HostedId, ChatError> {
    HostedId::parse("poll", path(request, "poll_id"))
}

/// The path's `draw_id`.
///
/// # Errors
/// [`ChatError::InvalidRequest`] if it is no number, [`ChatError::NotFound`] if no draw can have it.
pub fn draw_id(request: &Request) -> Result<HostedId, ChatError> {
    HostedId::parse("draw", path(request, "draw_id"))
}

/// The message that a body asks to send.
///
/// # Errors
/// [`ChatError::TooLarge`], [`ChatError::InvalidRequest`] for another content type or a body that is not a JSON object,
/// [`ChatError::InvalidMessage`].
pub fn draft(app: &App, request: &Request) -> Result<Draft, ChatError> {
    parse_send_body(body(request)?, app.chat.config.limits.max_message_length)
}

/// The announcement that a body makes.
///
/// # Errors
/// Those of [`draft`].
pub fn announcement(app: &App, request: &Request) -> Result<Draft, ChatError> {
    parse_announcement_body(body(request)?, app.chat.config.limits.max_message_length)
}

/// The event that a body tells.
///
/// # Errors
/// [`ChatError::TooLarge`], [`ChatError::InvalidRequest`] for another content type or a field.
pub fn event(request: &Request) -> Result<EventDraft, ChatError> {
    EventDraft::parse(body(request)?)
}

/// The action that a body asks for.
///
/// # Errors
/// [`ChatError::TooLarge`], [`ChatError::InvalidRequest`] for another content type or a field.
pub fn action(request: &Request) -> Result<ActionRequest, ChatError> {
    ActionRequest::parse(body(request)?)
}

/// The report that a body makes.
///
/// # Errors
/// [`ChatError::TooLarge`], [`ChatError::InvalidRequest`] for another content type or a field.
pub fn report(request: &Request) -> Result<ReportRequest, ChatError> {
    ReportRequest::parse(body(request)?)
}

/// The bytes of a JSON body.
///
/// # Errors
/// [`ChatError::TooLarge`], [`ChatError::InvalidRequest`] for another content type.
pub fn body(request: &Request) -> Result<&[u8], ChatError> {
    body_up_to(request, MAX_BODY_BYTES)
}

/// The bytes of a JSON body of at most so many.
///
/// # Errors
/// [`ChatError::TooLarge`], [`ChatError::InvalidRequest`] for another content type.
pub fn body_up_to(request: &Request, max_bytes: usize) -> Result<&[u8], ChatError> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(ChatError::InvalidRequest("Send the body as Content-Type: application/json".to_owned()));
    }
    let body: &[u8] = request.body().as_ref();
    if body.len() > max_bytes {
        return Err(ChatError::TooLarge(format!("The body has {} bytes; at most {max_bytes} are allowed", body.len())));
    }
    Ok(body)
}

/// API Gateway's key of the route that it chose, such as `GET /live-chat/status`.
pub fn route_key(request: &Request) -> Option<&str> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.route_key.as_deref(),
        _ => None,
    }
}

/// The response to a request, of its answer or its refusal.
pub fn respond(request: &Request, outcome: Result<impl Into<Reply>, ChatError>) -> Response<Body> {
    let (mut version, mut more) = (None, Vec::new());
    let (status, content_type, body, error) = match outcome.map(Into::into) {
        Ok(reply) => {
            (version, more) = (reply.version, reply.headers);
            (reply.status, reply.media_type, reply.text, None)
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, "application/problem+json", problem(&error, status), Some(error))
        }
    };
    invocation::note_outcome(error.as_ref().map_or("ok", ChatError::code));
    if let Some(ChatError::Unavailable(cause)) = &error {
        tracing::error!(http.method = request.method().as_str(), error = %cause, "request failed");
    }
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(more);
    if let Some(etag) = version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok()) {
        headers.insert(ETAG, etag);
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(wait) = error.as_ref().and_then(ChatError::retry_after) {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_millis().div_ceil(1000) as u64));
    }
    response
}

/// The token of an `Authorization` header; the scheme's case does not matter (RFC 9110, section 11.1).
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Problem details (RFC 9457).
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    #[serde(flatten)]
    standing: Option<&'a StandingView>,
}

fn problem(error: &ChatError, status: StatusCode) -> String {
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: error.to_string(),
        code: error.code(),
        standing: error.standing(),
    };
    serde_json::to_string(&problem).expect("a problem has only text keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_may_have_any_case() {
        assert_eq!(bearer_token("Bearer abc"), Some("abc"));
        assert_eq!(bearer_token("bearer  abc "), Some("abc"));
        for header in ["abc", "Basic abc", "Bearer", ""] {
            assert_eq!(bearer_token(header), None, "{header}");
        }
    }

    #[test]
    fn a_refusal_is_problem_details_with_the_time_of_the_next_try() {
        let error = ChatError::RateLimited {
            detail: "Slow down".to_owned(),
            retry_after: std::time::Duration::from_millis(1200),
        };
        let response = respond(&Request::default(), Err::<Reply, _>(error));
        assert_eq!((response.status().as_u16(), response.headers()[RETRY_AFTER].to_str().unwrap()), (429, "2"));
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["code"], "rate_limited");
        assert_eq!(body["title"], "Too Many Requests");
    }

    #[test]
    fn the_cause_of_a_failure_is_not_in_the_response() {
        let response =
            respond(&Request::default(), Err::<Reply, _>(ChatError::unavailable("table live-chat-chat is on fire")));
        assert_eq!(response.status().as_u16(), 503);
        assert!(!String::from_utf8_lossy(response.body()).contains("fire"));
    }
}
