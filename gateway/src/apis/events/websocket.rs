//! The three events of a WebSocket API: `CONNECT`, `MESSAGE` and `DISCONNECT`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::apis::connections::{Client, Ending, new_id};
use crate::apis::events::{forwarding_headers, query_pairs, request_time};
use crate::http::header_case::HeaderCase;

/// The id of the API, of the form that AWS gives.
const API_ID: &str = "localws000";

/// The parts of the handshake that the `CONNECT` event shows, and no later event.
pub(crate) struct Handshake<'a> {
    /// All headers of the request.
    pub(crate) headers: &'a HeaderMap,
    /// How the client wrote their names.
    pub(crate) case: &'a HeaderCase,
    /// The query, undecoded.
    pub(crate) query: Option<&'a str>,
    /// The port to which the client connected.
    pub(crate) local_port: u16,
    /// Its X-Ray header.
    pub(crate) trace: &'a str,
}

/// An event's bytes and the id under which its request goes.
pub(crate) struct Event {
    /// The payload for the function.
    pub(crate) payload: Bytes,
    /// `requestId`, which error frames name.
    pub(crate) request_id: String,
}

/// The event of a handshake.
pub(crate) fn connect(stage: &str, client: &Client, handshake: &Handshake<'_>) -> Event {
    let headers = connect_headers(client, handshake);
    let query = query_parameters(handshake.query.unwrap_or_default());
    let context = RequestContext::new(stage, client, "$connect", "CONNECT", client.connected_at);
    event_of(Payload {
        headers: Some(last_values(&headers)),
        multi_value_headers: Some(&headers),
        query_string_parameters: (!query.is_empty()).then(|| last_values(&query)),
        multi_value_query_string_parameters: (!query.is_empty()).then_some(&query),
        ..Payload::bare(context)
    })
}

/// The event of a text message.
pub(crate) fn message(stage: &str, client: &Client, route_key: &str, body: &str, now: Timestamp) -> Event {
    let mut context = RequestContext::new(stage, client, route_key, "MESSAGE", now);
    context.message_id = Some(new_id());
    event_of(Payload { body: Some(body), ..Payload::bare(context) })
}

/// The event of a socket's end.
pub(crate) fn disconnect(stage: &str, client: &Client, ending: &Ending, now: Timestamp) -> Event {
    let empty = |name: &str| (name.to_owned(), vec![String::new()]);
    let headers = BTreeMap::from([
        ("Host".to_owned(), vec![client.domain_name.clone()]),
        empty("x-api-key"),
        empty("X-Forwarded-For"),
        empty("x-restapi"),
    ]);
    let mut context = RequestContext::new(stage, client, "$disconnect", "DISCONNECT", now);
    context.disconnect_status_code = Some(ending.code);
    context.disconnect_reason = Some(&ending.reason);
    event_of(Payload {
        headers: Some(last_values(&headers)),
        multi_value_headers: Some(&headers),
        ..Payload::bare(context)
    })
}

type MultiValues = BTreeMap<String, Vec<String>>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<&'a MultiValues>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_query_string_parameters: Option<&'a MultiValues>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    is_base64_encoded: bool,
}

impl<'a> Payload<'a> {
    fn bare(request_context: RequestContext<'a>) -> Payload<'a> {
        Payload {
            headers: None,
            multi_value_headers: None,
            query_string_parameters: None,
            multi_value_query_string_parameters: None,
            request_context,
            body: None,
            is_base64_encoded: false,
        }
    }
}

/// The part that all three events share.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    route_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    event_type: &'static str,
    extended_request_id: String,
    request_time: String,
    message_direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_reason: Option<&'a str>,
    stage: &'a str,
    connected_at: i64,
    request_time_epoch: i64,
    identity: Identity<'a>,
    request_id: String,
    domain_name: &'a str,
    connection_id: &'a str,
    api_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'a Value>,
}

impl<'a> RequestContext<'a> {
    fn new(
        stage: &'a str,
        client: &'a Client,
        route_key: &'a str,
        event_type: &'static str,
        now: Timestamp,
    ) -> RequestContext<'a> {
        let request_id = new_id();
        RequestContext {
            route_key,
            disconnect_status_code: None,
            message_id: None,
            event_type,
            extended_request_id: request_id.clone(),
            request_time: request_time(now),
            message_direction: "IN",
            disconnect_reason: None,
            stage,
            connected_at: client.connected_at.as_millisecond(),
            request_time_epoch: now.as_millisecond(),
            identity: Identity { user_agent: client.user_agent.as_deref(), source_ip: &client.source_ip },
            request_id,
            domain_name: &client.domain_name,
            connection_id: &client.connection_id,
            api_id: API_ID,
            authorizer: client.authorizer.as_ref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    source_ip: &'a str,
}

fn event_of(payload: Payload<'_>) -> Event {
    let bytes = serde_json::to_vec(&payload).expect("maps with text keys and plain fields always serialize");
    Event { payload: Bytes::from(bytes), request_id: payload.request_context.request_id }
}

/// The client's headers under the names that it wrote, without those that belong to the connection alone.
fn connect_headers(client: &Client, handshake: &Handshake<'_>) -> MultiValues {
    let mut headers = MultiValues::new();
    for (name, value) in handshake.headers {
        if !matches!(name.as_str(), "connection" | "upgrade") {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.entry(handshake.case.original(name)).or_default().push(value);
        }
    }
    let added = forwarding_headers(handshake.headers, &client.source_ip, handshake.local_port, handshake.trace);
    headers.retain(|name, _| !added.keys().any(|added| added.eq_ignore_ascii_case(name)));
    headers.extend(added.into_iter().map(|(name, value)| (name.to_owned(), vec![value])));
    headers
}

fn query_parameters(query: &str) -> MultiValues {
    let mut parameters = MultiValues::new();
    for (name, value) in query_pairs(query) {
        parameters.entry(name).or_default().push(value);
    }
    parameters
}

fn last_values(values: &MultiValues) -> BTreeMap<&str, &str> {
    values.iter().map(|(name, values)| (name.as_str(), values.last().map_or("", String::as_str))).collect()
}
