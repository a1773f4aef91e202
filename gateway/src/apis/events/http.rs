//! The request event of an HTTP API, payload format 2.0.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::apis::connections::new_id;
use crate::apis::events::{domain_name, forwarding_headers, header_text, query_pairs, request_time};

/// The id of the API, of the form that AWS gives.
const API_ID: &str = "localhttp0";

/// The account that AWS's own emulators and samples use where there is none.
const ACCOUNT_ID: &str = "000000000000";

/// A request that found its route.
pub(crate) struct Request<'a> {
    /// The request without its body.
    pub(crate) parts: &'a Parts,
    /// The body.
    pub(crate) body: &'a Bytes,
    /// The route's key, such as `GET /live-chat/status`.
    pub(crate) route_key: &'a str,
    /// The values of the route's variables, decoded.
    pub(crate) path_parameters: &'a BTreeMap<String, String>,
    /// The peer's address.
    pub(crate) source_ip: &'a str,
    /// The port to which the client connected.
    pub(crate) local_port: u16,
    /// Its X-Ray header.
    pub(crate) trace: &'a str,
    /// When it arrived.
    pub(crate) at: Timestamp,
}

/// The event's bytes and its `requestId`.
pub(crate) fn request(request: &Request<'_>) -> (Bytes, String) {
    let parts = request.parts;
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let raw_query = parts.uri.query().unwrap_or_default();
    let query = query_parameters(raw_query);
    let headers = headers(request);
    let domain_name = domain_name(&parts.headers);
    let request_id = new_id();
    let (body, is_base64_encoded) = body_text(request.body, &parts.headers);
    let payload = Payload {
        version: "2.0",
        route_key: request.route_key,
        raw_path: &path,
        raw_query_string: raw_query,
        cookies: cookies(&parts.headers),
        query_string_parameters: (!query.is_empty()).then_some(&query),
        request_context: RequestContext {
            account_id: ACCOUNT_ID,
            api_id: API_ID,
            domain_prefix: domain_name.split('.').next().unwrap_or_default(),
            domain_name: &domain_name,
            http: Http {
                method: parts.method.as_str(),
                path: &path,
                protocol: "HTTP/1.1",
                source_ip: request.source_ip,
                user_agent: headers.get("user-agent").map_or("", String::as_str),
            },
            request_id: &request_id,
            route_key: request.route_key,
            stage: "$default",
            time: request_time(request.at),
            time_epoch: request.at.as_millisecond(),
        },
        headers: &headers,
        path_parameters: (!request.path_parameters.is_empty()).then_some(request.path_parameters),
        body,
        is_base64_encoded,
    };
    let bytes = serde_json::to_vec(&payload).expect("maps with text keys and plain fields always serialize");
    (Bytes::from(bytes), request_id)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<&'a BTreeMap<String, String>>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_parameters: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'a str,
    user_agent: &'a str,
}

/// Lower-case names, values joined by commas; the cookies have a field of their own.
fn headers(request: &Request<'_>) -> BTreeMap<String, String> {
    let from = &request.parts.headers;
    let mut headers: BTreeMap<String, String> = from
        .keys()
        .filter(|name| !matches!(name.as_str(), "cookie" | "connection" | "transfer-encoding"))
        .filter_map(|name| Some((name.as_str().to_owned(), header_text(from, name.as_str())?)))
        .collect();
    headers.insert("content-length".to_owned(), request.body.len().to_string());
    for (name, value) in forwarding_headers(from, request.source_ip, request.local_port, request.trace) {
        headers.insert(name.to_ascii_lowercase(), value);
    }
    headers
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let all = headers.get_all("cookie").iter();
    all.flat_map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split(';').map(|cookie| cookie.trim().to_owned()).filter(|cookie| !cookie.is_empty()).collect::<Vec<_>>()
    })
    .collect()
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in query_pairs(query) {
        parameters
            .entry(name)
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// The body as text if its type says that it is text and if its bytes agree, else in base64.
fn body_text(body: &Bytes, headers: &HeaderMap) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let content_type = header_text(headers, "content-type").unwrap_or_default().to_ascii_lowercase();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_text = essence.is_empty()
        || essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || matches!(essence, "application/json" | "application/javascript" | "application/xml");
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}
