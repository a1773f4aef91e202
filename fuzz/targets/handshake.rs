//! Handshakes of the WebSocket API, written as the head of an HTTP request. An accepted handshake conforms to RFC 6455 and is
//! answered by its rules; any other input is refused with a documented status.
#![no_main]

#[path = "../../gateway/src/apis/websocket_api/handshake.rs"]
mod handshake;
#[allow(dead_code)]
#[path = "../../gateway/src/http"]
mod http {
    pub(crate) mod list_header;
    pub(crate) mod reply;
}

use ::http::{Request, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;

/// The gateway's limit on path and query.
const ADDRESS_BYTES: usize = 4096;

fuzz_target!(|data: &[u8]| {
    let Some(request) = parse(data) else { return };
    match handshake::read(&request, ADDRESS_BYTES) {
        Ok(key) => {
            assert_is_handshake(&request);
            let reply = handshake::switch(&key, None);
            assert_eq!(
                (reply.status().as_u16(), &reply.headers()["upgrade"]),
                (101, &"websocket".parse().expect("text"))
            );
            let accepted = STANDARD.decode(&reply.headers()["sec-websocket-accept"]);
            assert_eq!(accepted.expect("Base64").len(), 20, "the answer is a SHA-1");
            assert!(
                !reply.headers().contains_key("sec-websocket-protocol"),
                "no subprotocol without a function's word"
            );
        }
        Err(refusal) => {
            assert!(matches!(refusal.status().as_u16(), 400 | 414 | 426), "{}", refusal.status());
            assert_eq!(refusal.headers()["content-type"], "application/json");
        }
    }
});

/// Section 4.2.1 of RFC 6455, implemented independently.
fn assert_is_handshake(request: &Request<()>) {
    let has = |name: &str, token: &str| {
        let all = request.headers().get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>();
        all.join(",").to_lowercase().split(',').any(|part| part.trim() == token)
    };
    assert!(request.method() == "GET" && request.version() == Version::HTTP_11);
    assert!(has("upgrade", "websocket") && has("connection", "upgrade") && has("sec-websocket-version", "13"));
    let key = STANDARD.decode(&request.headers()["sec-websocket-key"]);
    assert_eq!(key.expect("Base64").len(), 16);
    assert!(request.uri().path_and_query().is_none_or(|address| address.as_str().len() <= ADDRESS_BYTES));
}

/// Reads `METHOD target [1.0]` and lines of `name: value`.
fn parse(data: &[u8]) -> Option<Request<()>> {
    let mut lines = data.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut start = std::str::from_utf8(lines.next()?).ok()?.split(' ');
    let version = |word: Option<&str>| if word == Some("1.0") { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut request = Request::builder().method(start.next()?).uri(start.next()?).version(version(start.next()));
    for line in lines.filter(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':')?;
        request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    request.body(()).ok()
}
