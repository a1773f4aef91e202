//! Sections 1.3, 4.2.2, 4.4 and 9.1: the server's half of the opening handshake.

use serde_json::json;

use crate::raw::{HANDSHAKE, Raw};
use crate::start;
use crate::support::{Builder, Cloud};

async fn head(cloud: &Cloud, headers: &str) -> String {
    Raw::connect(cloud.websocket).await.request("/prod", headers).await
}

/// A header of a head, by its lower-case name.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The Sec-WebSocket-Accept is the base64 of the SHA-1 of the key and a fixed GUID: the RFC's own example.
#[tokio::test]
async fn rfc_1_3_the_sample_nonce_has_the_accept_value_of_the_rfc() {
    let head = head(&start().await, HANDSHAKE).await;
    assert_eq!(header(&head, "sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
}

/// The answer has the status 101, Upgrade: websocket and Connection: Upgrade.
#[tokio::test]
async fn rfc_4_2_2_the_answer_switches_protocols() {
    let head = head(&start().await, HANDSHAKE).await;
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert!(header(&head, "upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")), "{head}");
    assert!(header(&head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("upgrade")), "{head}");
    assert_eq!((header(&head, "content-length"), header(&head, "transfer-encoding")), (None, None), "{head}");
}

/// The server may refuse by any HTTP status, and no upgrade happens: the connection goes on as HTTP.
#[tokio::test]
async fn rfc_4_2_2_a_refused_handshake_leaves_an_http_connection() {
    let refuses = |_| std::future::ready(Ok(json!({ "statusCode": 401 })));
    let cloud = Builder::new().function("ws-connect", refuses).start().await;
    let mut raw = Raw::connect(cloud.websocket).await;
    for _ in 0..2 {
        let head = raw.request("/prod", HANDSHAKE).await;
        assert!(head.starts_with("HTTP/1.1 401 ") && header(&head, "sec-websocket-accept").is_none(), "{head}");
        assert_eq!(header(&head, "content-length"), Some("0"), "{head}");
    }
}

/// The server may check the Origin and refuse with 403.
/// AWS: `$connect` checks it; the gateway passes every Origin on.
#[tokio::test]
async fn rfc_4_2_2_a_function_may_refuse_an_origin() {
    let builder = Builder::new().function("ws-connect", |event| async move {
        let is_ours = event["headers"]["Origin"] == "https://page.test";
        Ok(json!({ "statusCode": if is_ours { 200 } else { 403 } }))
    });
    let cloud = builder.start().await;
    for (origin, status) in [("https://page.test", "101"), ("https://evil.test", "403")] {
        let head = head(&cloud, &format!("{HANDSHAKE}Origin: {origin}\r\n")).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {head}");
    }
}

/// The subprotocol of the answer is one that the client offered, or there is none.
/// AWS: `$connect` chooses by returning the header; without it none is sent, whatever was offered.
#[tokio::test]
async fn rfc_4_2_2_a_subprotocol_is_chosen_from_the_offer() {
    let builder = Builder::new().function("ws-connect", |event| async move {
        let offer = event["headers"]["Sec-WebSocket-Protocol"].as_str().unwrap_or_default().to_owned();
        let known = offer.split(',').map(str::trim).find(|name| *name == "chat");
        let headers = known.map_or(json!({}), |name| json!({ "Sec-WebSocket-Protocol": name }));
        Ok(json!({ "statusCode": 200, "headers": headers }))
    });
    let cloud = builder.start().await;
    for (offer, chosen) in [("superchat, chat", Some("chat")), ("superchat", None), ("CHAT", None)] {
        let head = head(&cloud, &format!("{HANDSHAKE}Sec-WebSocket-Protocol: {offer}\r\n")).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert_eq!(header(&head, "sec-websocket-protocol"), chosen, "{offer}");
    }
    let head = self::head(&cloud, HANDSHAKE).await;
    assert_eq!(header(&head, "sec-websocket-protocol"), None, "nothing was offered");
}

/// A subprotocol that the client did not offer MUST NOT be in the answer.
/// AWS: what `$connect` returned is sent as it is (inferred); a function that returns anything else is seen to fail here, too.
#[tokio::test]
async fn rfc_4_2_2_the_choice_of_a_subprotocol_is_the_functions_own() {
    let answer = json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": "chat" } });
    let builder = Builder::new().function("ws-connect", move |_| std::future::ready(Ok(answer.clone())));
    let cloud = builder.start().await;
    let head = head(&cloud, &format!("{HANDSHAKE}Sec-WebSocket-Protocol: superchat\r\n")).await;
    assert_eq!(header(&head, "sec-websocket-protocol"), Some("chat"), "{head}");
}

/// To any other version than 13 the server answers 426 and names the versions that it understands.
#[tokio::test]
async fn rfc_4_4_another_version_is_426_and_names_13() {
    let cloud = start().await;
    for version in ["8", "0", "14", "13, 8", "013", "x"] {
        let headers = HANDSHAKE.replace("Version: 13", &format!("Version: {version}"));
        let head = head(&cloud, &headers).await;
        assert!(head.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{version}: {head}");
        assert_eq!(header(&head, "sec-websocket-version"), Some("13"), "{head}");
    }
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

/// A server accepts an extension by listing it in its answer; one that was not offered MUST NOT be listed.
/// AWS: there are no extensions, so none is ever accepted, offered or not.
#[tokio::test]
async fn rfc_9_1_no_extension_is_accepted() {
    let cloud = start().await;
    for offer in ["", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x\r\n"] {
        let head = head(&cloud, &format!("{HANDSHAKE}{offer}")).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert_eq!(header(&head, "sec-websocket-extensions"), None, "{head}");
    }
}
