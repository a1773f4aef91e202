//! Sections 4.1 and 4.2.1: the required parts of a client's opening handshake, and the server's responses if one is missing.

use crate::raw::{HANDSHAKE, Raw};
use crate::start;
use crate::support::Cloud;

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const VERSION: &str = "Sec-WebSocket-Version: 13\r\n";

/// The head of the response to these bytes.
async fn answer(cloud: &Cloud, request: &str) -> String {
    let mut raw = Raw::connect(cloud.websocket).await;
    raw.write(request.as_bytes()).await;
    raw.head().await
}

/// Asserts that a valid handshake with one part of its headers replaced is answered with this status line.
async fn is_answered(cases: &[(&str, &str, &str)]) {
    let cloud = start().await;
    for (from, to, status) in cases {
        assert!(HANDSHAKE.contains(from), "{from} is part of a handshake");
        let head = answer(&cloud, &format!("GET /prod HTTP/1.1\r\n{}\r\n", HANDSHAKE.replace(from, to))).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{to:?} for {from:?}: {head}");
        let accepted = status.starts_with("101");
        assert_eq!(cloud.waiting_events("ws-connect").await, usize::from(accepted), "{to:?} for {from:?}");
        if accepted {
            cloud.event("ws-connect").await;
        }
    }
}

/// The method of the request MUST be GET.
#[tokio::test]
async fn rfc_4_1_another_method_than_get_is_refused() {
    let cloud = start().await;
    for method in ["POST", "PUT", "HEAD", "OPTIONS"] {
        let head = answer(&cloud, &format!("{method} /prod HTTP/1.1\r\n{HANDSHAKE}\r\n")).await;
        assert!(head.starts_with("HTTP/1.1 400 "), "{method}: {head}");
    }
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

/// The HTTP version MUST be at least 1.1.
#[tokio::test]
async fn rfc_4_1_http_1_0_is_refused() {
    let cloud = start().await;
    let head = answer(&cloud, &format!("GET /prod HTTP/1.0\r\n{HANDSHAKE}\r\n")).await;
    assert!(head.starts_with("HTTP/1.0 400 "), "{head}");
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

/// The client waits for the answer before it sends anything: a handshake has no body, and bytes that claim to be one
/// must not be taken for a part of the socket's conversation.
#[tokio::test]
async fn rfc_4_1_a_handshake_with_a_body_is_refused() {
    is_answered(&[
        (VERSION, "Sec-WebSocket-Version: 13\r\nContent-Length: 6\r\n", "400 Bad Request"),
        (VERSION, "Sec-WebSocket-Version: 13\r\nTransfer-Encoding: chunked\r\n", "400 Bad Request"),
        (VERSION, "Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n", "101 Switching Protocols"),
    ])
    .await;
}

/// There MUST be a Host header field.
#[tokio::test]
async fn rfc_4_2_1_without_exactly_one_host_the_handshake_is_refused() {
    let host = "Host: example.test:8000\r\n";
    is_answered(&[
        (host, "", "400 Bad Request"),
        (host, "Host: one.test\r\nHost: two.test\r\n", "400 Bad Request"),
        (host, "hOsT: example.test\r\n", "101 Switching Protocols"),
    ])
    .await;
}

/// There MUST be an Upgrade header field with the value "websocket", compared without regard to case.
#[tokio::test]
async fn rfc_4_2_1_the_upgrade_must_name_websocket_in_any_case() {
    let upgrade = "Upgrade: websocket\r\n";
    is_answered(&[
        (upgrade, "", "426 Upgrade Required"),
        (upgrade, "Upgrade: h2c\r\n", "426 Upgrade Required"),
        (upgrade, "Upgrade: websockets\r\n", "426 Upgrade Required"),
        (upgrade, "Upgrade: WebSocket\r\n", "101 Switching Protocols"),
        (upgrade, "Upgrade: h2c, websocket\r\n", "101 Switching Protocols"),
    ])
    .await;
}

/// There MUST be a Connection header field that includes the token "Upgrade", compared without regard to case.
#[tokio::test]
async fn rfc_4_2_1_the_connection_must_list_upgrade_among_its_tokens() {
    let connection = "Connection: Upgrade\r\n";
    is_answered(&[
        (connection, "", "400 Bad Request"),
        (connection, "Connection: keep-alive\r\n", "400 Bad Request"),
        (connection, "Connection: no-upgrade\r\n", "400 Bad Request"),
        (connection, "Connection: keep-alive, Upgrade\r\n", "101 Switching Protocols"),
        (connection, "Connection: keep-alive\r\nConnection: uPGRADE\r\n", "101 Switching Protocols"),
    ])
    .await;
}

/// There MUST be a Sec-WebSocket-Key that is 16 bytes when decoded from base64, and (11.3.1) it appears once.
#[tokio::test]
async fn rfc_4_2_1_the_key_must_be_sixteen_bytes_once() {
    is_answered(&[
        (KEY, "", "400 Bad Request"),
        (KEY, "Sec-WebSocket-Key: \r\n", "400 Bad Request"),
        (KEY, "Sec-WebSocket-Key: not base64!\r\n", "400 Bad Request"),
        (KEY, "Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1\r\n", "400 Bad Request"),
        (KEY, "Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Njc=\r\n", "400 Bad Request"),
        (KEY, &format!("{KEY}{KEY}"), "400 Bad Request"),
        (KEY, "Sec-WebSocket-Key:   MTIzNDU2Nzg5MDEyMzQ1Ng==  \r\n", "101 Switching Protocols"),
    ])
    .await;
}

/// There MUST be a Sec-WebSocket-Version with the value 13, and (11.3.5) it appears once.
#[tokio::test]
async fn rfc_4_2_1_without_exactly_one_version_the_handshake_is_refused() {
    is_answered(&[(VERSION, "", "400 Bad Request"), (VERSION, &format!("{VERSION}{VERSION}"), "400 Bad Request")])
        .await;
}

/// Optional fields, unknown ones among them, are no reason to refuse.
#[tokio::test]
async fn rfc_4_2_1_unknown_fields_are_passed_over() {
    let more = format!("{VERSION}Sec-WebSocket-Unheard: x\r\nOrigin: null\r\nX-Empty:\r\n");
    is_answered(&[(VERSION, &more, "101 Switching Protocols")]).await;
}
