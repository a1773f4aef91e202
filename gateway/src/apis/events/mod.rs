//! Genuine API Gateway events, field for field: a function parses here the same as in the cloud.

pub(crate) mod http;
pub(crate) mod websocket;

use std::collections::BTreeMap;

use ::http::HeaderMap;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

/// A time as the access-log-like fields of events show it, such as `21/Nov/2018:20:46:21 +0000`.
pub(crate) fn request_time(at: Timestamp) -> String {
    at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// The X-Ray header of a request: the client's own, or a new one.
pub(crate) fn trace_header(headers: &HeaderMap, at: Timestamp) -> String {
    header_text(headers, "x-amzn-trace-id").unwrap_or_else(|| {
        let unique = rand::random::<u128>() >> 32;
        format!("Root=1-{:08x}-{unique:024x}", at.as_second())
    })
}

/// The pairs of a query string, decoded, in their order.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (form_decode(name), form_decode(value))
    })
}

/// A name or a value of a query string without its percent signs and plus signs.
pub(crate) fn form_decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The headers that API Gateway adds to a request.
pub(crate) fn forwarding_headers(
    headers: &HeaderMap,
    source_ip: &str,
    local_port: u16,
    trace: &str,
) -> BTreeMap<&'static str, String> {
    let forwarded_for = match header_text(headers, "x-forwarded-for") {
        Some(before) => format!("{before}, {source_ip}"),
        None => source_ip.to_owned(),
    };
    BTreeMap::from([
        ("X-Amzn-Trace-Id", trace.to_owned()),
        ("X-Forwarded-For", forwarded_for),
        ("X-Forwarded-Port", local_port.to_string()),
        ("X-Forwarded-Proto", "http".to_owned()),
    ])
}

/// The values of a header, joined as one text.
pub(crate) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// The host that a client asked for, without the port.
pub(crate) fn domain_name(headers: &HeaderMap) -> String {
    let host = header_text(headers, "host").unwrap_or_else(|| "localhost".to_owned());
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => host,
    }
}
