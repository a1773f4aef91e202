//! Requests that two parsers would interpret differently: whatever the bytes, one request is one event or none.

use gateway::page_settings::PageSettings;
use gateway::pages::PagesOptions;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::raw::Raw;
use crate::support::{Builder, Cloud, within};

/// A gateway with a POST route and a GET route.
async fn cloud() -> Cloud {
    let ok = |_: Value| async { Ok(json!({ "statusCode": 200, "body": "ok" })) };
    let builder = Builder::new().function("send", ok).function("look", ok);
    builder.http("POST", "/live-chat/send-message", "send").http("GET", "/live-chat/status", "look").start().await
}

/// The gateway's complete response to these bytes, until it ends the connection.
async fn answers(cloud: &Cloud, bytes: &[u8]) -> String {
    let mut raw = Raw::connect(cloud.public).await;
    raw.write(bytes).await;
    let mut all = Vec::new();
    within(raw.stream.read_to_end(&mut all)).await.expect("the gateway ends it in order");
    String::from_utf8_lossy(&all).into_owned()
}

/// The status lines of a response.
fn statuses(answers: &str) -> Vec<&str> {
    answers.split("HTTP/1.").skip(1).filter_map(|rest| rest.split(' ').nth(1)).collect()
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    format!("POST /live-chat/send-message HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}").into_bytes()
}

/// A request that must not be treated as a separate request.
const SMUGGLED: &str = "GET /live-chat/status HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn a_length_beside_chunks_is_passed_over_and_the_connection_is_not_used_again() {
    let cloud = cloud().await;
    let (length, chunked) = ("Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n");
    for headers in [format!("{length}{chunked}"), format!("{chunked}{length}")] {
        let said = answers(&cloud, &post(&headers, &format!("3\r\nabc\r\n0\r\n\r\n{SMUGGLED}"))).await;
        assert_eq!(statuses(&said), ["200"], "{said}");
        let event = cloud.event("send").await;
        assert_eq!((&event["body"], &event["headers"]["content-length"]), (&json!("abc"), &json!("3")));
        assert_eq!(event["headers"].get("transfer-encoding"), None);
    }
    assert_eq!(cloud.waiting_events("look").await, 0);
}

#[tokio::test]
async fn lengths_that_are_none_or_disagree_are_400() {
    let cloud = cloud().await;
    for lengths in ["4\r\nContent-Length: 5", "4, 5", "+4", "-1", "4x", "0x4", "4 4", "", "18446744073709551616"] {
        let said = answers(&cloud, &post(&format!("Content-Length: {lengths}\r\n"), SMUGGLED)).await;
        assert_eq!(statuses(&said), ["400"], "{lengths}: {said}");
    }
    assert_eq!((cloud.waiting_events("send").await, cloud.waiting_events("look").await), (0, 0));
}

#[tokio::test]
async fn codings_that_the_gateway_does_not_decode_are_refused() {
    let cloud = cloud().await;
    let body = format!("0\r\n\r\n{SMUGGLED}");
    let cases = [
        ("xchunked", "400"),
        ("identity", "400"),
        ("chunked, identity", "400"),
        ("chunked\r\nTransfer-Encoding: identity", "400"),
        ("\"chunked\"", "400"),
        ("\x0bchunked", "400"),
        ("", "400"),
        ("gzip, chunked", "501"),
        ("chunked, chunked", "501"),
        ("identity\r\nTransfer-Encoding: chunked", "501"),
    ];
    for (codings, status) in cases {
        let said = answers(&cloud, &post(&format!("Transfer-Encoding: {codings}\r\n"), &body)).await;
        assert_eq!(statuses(&said), [status], "{codings}: {said}");
    }
    let old = "POST /live-chat/send-message HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(statuses(&answers(&cloud, old.as_bytes()).await), ["400"]);
    assert_eq!((cloud.waiting_events("send").await, cloud.waiting_events("look").await), (0, 0));
}

#[tokio::test]
async fn chunks_that_are_none_never_become_an_event() {
    let cloud = cloud().await;
    for chunks in [
        "0x3\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "3\nabc\n0\n\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3;a\nb\r\nabc\r\n0\r\n\r\n",
    ]
    .into_iter()
    .chain(["fffffffffffffffff\r\nabc", "\r\n\r\n", "3\r\nabc\r\n0\r\nX: \0\r\n\r\n"])
    {
        let said = answers(&cloud, &post("Transfer-Encoding: chunked\r\n", &format!("{chunks}{SMUGGLED}"))).await;
        assert!(!statuses(&said).contains(&"200"), "{chunks:?}: {said}");
    }
    assert_eq!((cloud.waiting_events("send").await, cloud.waiting_events("look").await), (0, 0));
}

#[tokio::test]
async fn heads_that_could_be_read_in_two_ways_are_400() {
    let cloud = cloud().await;
    let cases = [
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\nX-Nul: a\0b\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\nX-Cr: a\rX-Other: b\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\nX-Space : a\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\n X-Begin: a\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\n: no name\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\nX-\u{e9}: a\r\n\r\n",
        "GET /live-chat/status HTTP/1.1 \r\nHost: x\r\n\r\n",
        "GET  /live-chat/status HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /live-chat/status\tHTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /live-chat/\0status HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /live-chat/status HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET /live-chat/status\r\nHost: x\r\n\r\n",
        "G\"ET /live-chat/status HTTP/1.1\r\nHost: x\r\n\r\n",
        "\0\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\n\r\n",
        "GET /live-chat/status HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "GET http://evil.test/live-chat/status HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for request in cases {
        let closing = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let said = answers(&cloud, closing.as_bytes()).await;
        assert_eq!(statuses(&said), ["400"], "{request:?}: {said}");
    }
    assert_eq!(cloud.waiting_events("look").await, 0);
}

#[tokio::test]
async fn a_bare_line_feed_ends_a_line_and_hides_nothing() {
    let cloud = cloud().await;
    let request = "GET /live-chat/status HTTP/1.1\nHost: x\nX-One: 1\nX-Two: 2\r\nConnection: close\r\n\r\n";
    // RFC 9112, 2.2, allows it. Both lines are seen, so no API sees more than the gateway.
    assert_eq!(statuses(&answers(&cloud, request.as_bytes()).await), ["200"]);
    let event = cloud.event("look").await;
    assert_eq!((&event["headers"]["x-one"], &event["headers"]["x-two"]), (&json!("1"), &json!("2")));
}

#[tokio::test]
async fn an_address_with_its_host_is_the_same_request() {
    let cloud = cloud().await;
    for target in ["/live-chat/status", "http://x.test:80/live-chat/status"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: X.test:80\r\nConnection: close\r\n\r\n");
        assert_eq!(statuses(&answers(&cloud, request.as_bytes()).await), ["200"], "{target}");
        assert_eq!(cloud.event("look").await["rawPath"], "/live-chat/status");
    }
}

/// A gateway with the real pages.
async fn with_pages() -> Cloud {
    let mut builder = Builder::new();
    builder.pages =
        gateway::pages::router(PagesOptions { token_issuer: None, store: None, settings: PageSettings::default() });
    builder.start().await
}

#[tokio::test]
async fn the_gateway_is_no_proxy_and_no_tunnel() {
    let cloud = with_pages().await;
    for request in ["CONNECT evil.test:443", "OPTIONS *", "TRACE /"] {
        let host = if request.starts_with("CONNECT") { "evil.test:443" } else { "x" };
        let bytes = format!("{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let said = answers(&cloud, bytes.as_bytes()).await;
        assert_eq!(statuses(&said), ["405"], "{request}: {said}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_pages() {
    let cloud = with_pages().await;
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes();
    assert_eq!(statuses(&answers(&cloud, &get("/index.html")).await), ["200"]);
    let file = "events/status.json";
    let web = concat!(env!("CARGO_MANIFEST_DIR"), "/../web");
    assert!(std::path::Path::new(web).join("..").join(file).exists(), "what is tried is there to be found");
    let absolute = format!("/{web}/../{file}");
    for way in
        ["/../", "/..%2f", "/%2e%2e/", "//../", "/..\\", "/.././", "/%00/../../", "/index.html/../../", &absolute]
    {
        let target = if way == absolute { absolute.clone() } else { format!("{way}{file}") };
        let said = answers(&cloud, &get(&target)).await;
        assert!(["404", "400"].contains(&statuses(&said)[0]), "{target}: {said}");
    }
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_their_order() {
    let cloud = cloud().await;
    let last = SMUGGLED.replace("Host: x", "Host: x\r\nConnection: close");
    let row = [post("Content-Length: 3\r\n", "abc"), post("Transfer-Encoding: CHUNKED\r\n", "2\r\nde\r\n0\r\n\r\n")];
    let said = answers(&cloud, &[row.concat(), last.into_bytes()].concat()).await;
    assert_eq!(statuses(&said), ["200", "200", "200"], "{said}");
    for body in ["abc", "de"] {
        assert_eq!(cloud.event("send").await["body"], body);
    }
    assert_eq!(cloud.event("look").await["rawPath"], "/live-chat/status");
}
