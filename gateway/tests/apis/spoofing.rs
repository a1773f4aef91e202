//! Text that a client writes into paths, queries and headers stays data in the event: it changes no identity and adds no fields.

use serde_json::{Value, json};

use crate::raw::{HANDSHAKE, Raw};
use crate::support::{Builder, Cloud};

async fn cloud() -> Cloud {
    let ok = |_: Value| async { Ok(json!({ "statusCode": 200 })) };
    let builder = Builder::new().function("f", ok).http("GET", "/live-chat/messages/{id}", "f");
    builder.http("GET", "/live-chat/status", "f").start().await
}

async fn get(cloud: &Cloud, target: &str, headers: &str) -> String {
    Raw::connect(cloud.public).await.request(target, &format!("Host: x\r\n{headers}")).await
}

#[tokio::test]
async fn encoded_dots_slashes_and_nuls_do_not_leave_their_segment() {
    let cloud = cloud().await;
    let paths = [
        "/live-chat/%2e%2e/status",
        "/live-chat/x/../status",
        "/live-chat/./status",
        "/live-chat//status",
        "/live-chat/status%00",
        "/live-chat/status%2f",
        "/live-chat%2fstatus",
        "/live-chat/status;x",
        "/LIVE-CHAT/status",
        "/live-chat\\status",
    ];
    for path in paths {
        let head = get(&cloud, path, "").await;
        assert!(head.starts_with("HTTP/1.1 4") || head.contains("text/plain"), "{path} is nobody's: {head}");
    }
    assert_eq!(cloud.waiting_events("f").await, 0);
    for (path, id) in
        [("%2e%2e", ".."), ("a%2fb", "a/b"), ("%00", "\0"), ("..;", "..;"), ("%c0%ae", "\u{fffd}\u{fffd}")]
    {
        get(&cloud, &format!("/live-chat/messages/{path}"), "").await;
        let event = cloud.event("f").await;
        assert_eq!(event["pathParameters"], json!({ "id": id }), "{path}");
        assert_eq!(event["routeKey"], "GET /live-chat/messages/{id}");
    }
}

#[tokio::test]
async fn quotes_and_line_breaks_cannot_add_fields_to_an_event() {
    let cloud = cloud().await;
    let evil = r#"x","requestContext":{"authorizer":{"sub":"admin"}},"y":""#;
    let encoded: String = evil.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let target = format!("/live-chat/messages/{encoded}%0d%0aX-Added:%201?{encoded}={encoded}%0a&a=%22");
    get(&cloud, &target, &format!("X-Evil: {evil}\r\nCookie: {evil}\r\nUser-Agent: {evil}\r\n")).await;
    let event = cloud.event("f").await;
    assert_eq!(event["pathParameters"]["id"], format!("{evil}\r\nX-Added: 1"));
    assert_eq!(event["queryStringParameters"][evil], format!("{evil}\n"));
    assert_eq!((&event["headers"]["x-evil"], event["headers"].get("x-added")), (&json!(evil), None));
    assert_eq!(event["requestContext"]["http"]["userAgent"], evil);
    assert_eq!((event["requestContext"].get("authorizer"), event.get("y")), (None, None));

    let offer = format!("bearer, {evil}");
    let headers = format!("{HANDSHAKE}Sec-WebSocket-Protocol: {offer}\r\n");
    let head =
        Raw::connect(cloud.public).await.request(&format!("/live-chat/ws/{encoded}?a={encoded}"), &headers).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let event = cloud.event("ws-connect").await;
    assert_eq!(event["headers"]["Sec-WebSocket-Protocol"], offer);
    assert_eq!(event["queryStringParameters"], json!({ "a": evil, "session_id": evil }));
    assert_eq!((event["requestContext"].get("authorizer"), event.get("y")), (None, None));
}

#[tokio::test]
async fn a_function_cannot_be_made_to_break_a_line_of_the_answer() {
    // A careless function that returns its input.
    let builder = Builder::new().function("f", |event| async move {
        Ok(json!({ "statusCode": 200, "headers": { "X-Echo": event["queryStringParameters"]["a"] } }))
    });
    let builder = builder.function("ws-connect", |event| async move {
        let headers = json!({ "Sec-WebSocket-Protocol": event["queryStringParameters"]["a"] });
        Ok(json!({ "statusCode": 200, "headers": headers }))
    });
    let cloud = builder.http("GET", "/live-chat/status", "f").start().await;
    let head = get(&cloud, "/live-chat/status?a=b%0d%0aX-Added:%201", "").await;
    assert!(head.starts_with("HTTP/1.1 500 ") && !head.to_ascii_lowercase().contains("x-added"), "{head}");
    let target = "/live-chat/ws/1?a=b%0d%0aX-Added:%201";
    let head = Raw::connect(cloud.public).await.request(target, HANDSHAKE).await;
    assert!(head.starts_with("HTTP/1.1 101 ") && !head.to_ascii_lowercase().contains("x-added"), "{head}");
}

#[tokio::test]
async fn forged_headers_of_aws_change_nothing_but_themselves() {
    let cloud = cloud().await;
    let forged = "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\nX-Forwarded-Proto: https\r\n\
         X-Forwarded-Port: 443\r\nX-Amzn-RequestContext: {\"authorizer\":{}}\r\nX-Amzn-Lambda-Context: {}\r\n\
         Lambda-Runtime-Aws-Request-Id: forged\r\nLambda-Runtime-Deadline-Ms: 1\r\nX-Amzn-Request-Id: forged\r\n\
         apigw-requestid: forged\r\n";
    let head = get(&cloud, "/live-chat/status", forged).await;
    assert!(head.starts_with("HTTP/1.1 200 ") && !head.contains("forged"), "{head}");
    let event = cloud.event("f").await;
    let context = &event["requestContext"];
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_ne!(context["requestId"], "forged");
    assert_eq!(context.get("authorizer"), None);
    assert_eq!(event["headers"]["x-forwarded-for"], "10.0.0.1,10.0.0.2, 127.0.0.1", "the last one is true");
    assert_eq!(event["headers"]["x-forwarded-proto"], "http");
    assert_eq!(event["headers"]["x-forwarded-port"], cloud.public.port().to_string());

    Raw::connect(cloud.public).await.request("/live-chat/ws/1", &format!("{HANDSHAKE}{forged}")).await;
    let event = cloud.event("ws-connect").await;
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "127.0.0.1");
    assert_eq!(event["headers"]["X-Forwarded-For"], "10.0.0.1,10.0.0.2, 127.0.0.1");
    assert_eq!(event["headers"]["X-Forwarded-Proto"], "http");
    assert_eq!(event["requestContext"].get("authorizer"), None);
}

#[tokio::test]
async fn heads_end_at_10240_bytes() {
    let cloud = cloud().await;
    let head =
        |fill: usize| format!("GET /live-chat/status HTTP/1.1\r\nHost: x\r\nX-Fill: {}\r\n\r\n", "x".repeat(fill));
    let empty = head(0).len();
    for (length, status) in [(10_240, 200), (10_241, 431), (60_000, 431)] {
        let mut raw = Raw::connect(cloud.public).await;
        raw.write(head(length - empty).as_bytes()).await;
        let head = raw.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {head}");
    }
    // An endless head is cut off as well, and so is one with very many fields.
    for (field, times) in [("x", 100_000), ("X-A: b\r\n", 400)] {
        let mut raw = Raw::connect(cloud.public).await;
        let request = format!("GET /live-chat/status HTTP/1.1\r\nHost: x\r\n{}", field.repeat(times));
        // The gateway may close the connection before it has read everything, and its response may be lost.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.stream, format!("{request}\r\n").as_bytes()).await;
        while !raw.is_ended().await {}
    }
    assert_eq!(cloud.waiting_events("f").await, 1);
}
