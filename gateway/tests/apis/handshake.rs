//! The handshake: the event that `$connect` gets, and the response that the client gets.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::sync::Notify;
use tokio_tungstenite::connect_async;

use crate::raw::{HANDSHAKE, Raw};
use crate::support::{Builder, Cloud, connection_id, failure, text, within};
use crate::way::Way;

async fn connect_answers(answer: Value) -> Cloud {
    Builder::new().function("ws-connect", move |_| std::future::ready(Ok(answer.clone()))).start().await
}

/// A gateway whose `$connect` waits until the notification.
async fn connect_waits(way: Way) -> (Cloud, Arc<Notify>) {
    let release = Arc::new(Notify::new());
    let released = Arc::clone(&release);
    let builder = Builder::new().function("ws-connect", move |_| {
        let released = Arc::clone(&released);
        async move {
            released.notified().await;
            Ok(json!({ "statusCode": 200 }))
        }
    });
    (builder.start_on(way).await, release)
}

#[tokio::test]
async fn fidelity_01_there_is_no_101_until_connect_has_answered() {
    let (cloud, release) = connect_waits(Way::Port).await;
    let mut raw = Raw::connect(cloud.websocket).await;
    raw.begin("/prod", HANDSHAKE).await;
    cloud.event("ws-connect").await;
    let early = tokio::time::timeout(Duration::from_millis(100), raw.stream.read_u8()).await;
    assert!(early.is_err(), "nothing may be answered yet");
    release.notify_one();
    let head = raw.head().await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{head}");
}

#[tokio::test]
async fn fidelity_02_the_status_of_connect_becomes_the_status_of_the_handshake() {
    for status in [401, 403, 404, 429, 503] {
        let cloud = connect_answers(json!({ "statusCode": status, "body": "why" })).await;
        assert_eq!(cloud.refusal("/prod").await, status);
        assert_eq!(cloud.apis.connections().count(), 0);
        assert_eq!(cloud.waiting_events("ws-disconnect").await, 0);
    }
}

#[tokio::test]
async fn fidelity_03_a_function_error_in_connect_gives_502() {
    let failing = Builder::new().function("ws-connect", |_| async { Err(failure()) }).start().await;
    assert_eq!(failing.refusal("/prod").await, 502);
    // (i) A malformed response is an error as well.
    assert_eq!(connect_answers(json!("hello")).await.refusal("/prod").await, 502);
}

#[tokio::test]
async fn fidelity_04_without_a_connect_route_the_socket_is_accepted() {
    let cloud = Builder::new().without_route("$connect").start().await;
    within(connect_async(cloud.strict("/prod"))).await.expect("the handshake succeeds");
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

#[tokio::test]
async fn fidelity_09_another_path_than_the_stage_is_403() {
    let cloud = Builder::new().start().await;
    for path in ["/prod/", "/prod/more", "/other", "/"] {
        assert_eq!(cloud.refusal(path).await, 403, "{path}");
    }
}

#[tokio::test]
async fn fidelity_10_a_subprotocol_is_echoed_only_if_connect_returned_it() {
    let offer = format!("{HANDSHAKE}Sec-WebSocket-Protocol: bearer, secret\r\n");
    let cloud = Builder::new().start().await;
    let silent = Raw::connect(cloud.websocket).await.request("/prod", &offer).await;
    assert!(!silent.contains("sec-websocket-protocol"), "{silent}");

    let headers = json!({ "sec-WebSocket-protocol": "bearer" });
    let cloud = connect_answers(json!({ "statusCode": 200, "headers": headers })).await;
    let spoken = Raw::connect(cloud.websocket).await.request("/prod", &offer).await;
    assert!(spoken.contains("sec-websocket-protocol: bearer\r\n"), "{spoken}");
}

#[tokio::test]
async fn fidelity_11_other_headers_and_the_body_of_connect_are_dropped() {
    for (status, length) in [(200, None), (401, Some("content-length: 0\r\n"))] {
        let answer = json!({ "statusCode": status, "headers": { "X-Mine": "1" }, "body": "mine" });
        let cloud = connect_answers(answer).await;
        let head = Raw::connect(cloud.websocket).await.request("/prod", HANDSHAKE).await;
        assert!(!head.contains("mine"), "{head}");
        assert!(length.is_none_or(|length| head.contains(length)), "{head}");
    }
}

#[tokio::test]
async fn fidelity_12_a_connection_id_is_16_characters_of_base64url_that_end_with_an_equals_sign() {
    let cloud = Builder::new().start().await;
    let (one, two) = (cloud.socket().await, cloud.socket().await);
    assert_ne!(one.id, two.id);
    for id in [&one.id, &two.id] {
        assert_eq!(id.len(), 16);
        assert!(id.ends_with('=') && !id[..15].contains(['=', '+', '/']), "{id}");
    }
}

#[tokio::test]
async fn fidelity_13_the_headers_of_connect_keep_their_case_and_come_twice() {
    let cloud = Builder::new().start().await;
    let headers = format!("{HANDSHAKE}X-cUstom: one\r\nX-cUstom: two\r\nX-Forwarded-For: 192.0.2.7\r\n");
    Raw::connect(cloud.websocket).await.request("/prod", &headers).await;
    let event = cloud.event("ws-connect").await;
    assert_eq!(event["headers"]["X-cUstom"], "two");
    assert_eq!(event["multiValueHeaders"]["X-cUstom"], json!(["one", "two"]));
    assert_eq!(event["headers"]["Host"], "example.test:8000");
    assert_eq!(event["headers"]["Sec-WebSocket-Version"], "13");
    assert_eq!(event["headers"]["X-Forwarded-For"], "192.0.2.7, 127.0.0.1");
    let names: Vec<_> = event["headers"].as_object().expect("headers").keys().map(String::as_str).collect();
    let expected = [
        "Host",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "X-Amzn-Trace-Id",
        "X-Forwarded-For",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
        "X-cUstom",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn fidelity_14_query_keys_are_absent_without_a_query_and_else_the_last_value_wins() {
    let cloud = Builder::new().start().await;
    within(connect_async(cloud.strict("/prod"))).await.expect("the handshake succeeds");
    let event = cloud.event("ws-connect").await;
    assert!(event.get("queryStringParameters").is_none(), "{event}");
    assert!(event.get("multiValueQueryStringParameters").is_none(), "{event}");

    within(connect_async(cloud.strict("/prod?a=1&b=x%2By&a=2&c"))).await.expect("the handshake succeeds");
    let event = cloud.event("ws-connect").await;
    assert_eq!(event["queryStringParameters"], json!({ "a": "2", "b": "x+y", "c": "" }));
    assert_eq!(event["multiValueQueryStringParameters"], json!({ "a": ["1", "2"], "b": ["x+y"], "c": [""] }));
}

#[tokio::test]
async fn a_connect_event_has_exactly_the_fields_that_aws_sends() {
    let cloud = Builder::new().start().await;
    let headers = format!("{HANDSHAKE}User-Agent: me/1\r\n");
    Raw::connect(cloud.websocket).await.request("/prod?token=x", &headers).await;
    let event = cloud.event("ws-connect").await;
    let context = &event["requestContext"];
    assert_eq!(context["requestId"], context["extendedRequestId"]);
    assert_eq!(context["messageDirection"], "IN");
    assert_eq!(context["identity"], json!({ "sourceIp": "127.0.0.1", "userAgent": "me/1" }));
    assert_eq!(context["domainName"], "example.test");
    assert_eq!(context["connectedAt"], context["requestTimeEpoch"]);
    assert!(context["connectedAt"].as_i64().expect("a number") > 1_700_000_000_000, "milliseconds");
    assert!(text(&event, "/requestContext/requestTime").ends_with(" +0000"));
    let mut keys: Vec<_> = context.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected = "apiId connectedAt connectionId domainName eventType extendedRequestId identity messageDirection \
                    requestId requestTime requestTimeEpoch routeKey stage";
    assert_eq!(keys.join(" "), expected);
    assert_eq!(
        (&context["routeKey"], &context["eventType"], &context["stage"]),
        (&json!("$connect"), &json!("CONNECT"), &json!("prod"))
    );

    let parsed: ApiGatewayWebsocketProxyRequest =
        serde_json::from_value(event.clone()).expect("the type of AWS's crate");
    assert_eq!(parsed.request_context.connection_id, Some(connection_id(&event)));
    assert_eq!(parsed.headers["sec-websocket-version"], "13");
    assert_eq!(parsed.query_string_parameters.first("token"), Some("x"));
}

#[tokio::test]
async fn fidelity_21_there_is_a_user_agent_only_if_one_was_sent() {
    let cloud = Builder::new().start().await;
    let headers = format!("{HANDSHAKE}User-Agent: me/1\r\n");
    Raw::connect(cloud.websocket).await.request("/prod", &headers).await;
    let identity = cloud.event("ws-connect").await["requestContext"]["identity"].clone();
    assert_eq!(identity, json!({ "sourceIp": "127.0.0.1", "userAgent": "me/1" }));
    Raw::connect(cloud.websocket).await.request("/prod", HANDSHAKE).await;
    assert_eq!(cloud.event("ws-connect").await["requestContext"]["identity"], json!({ "sourceIp": "127.0.0.1" }));
}

#[tokio::test]
async fn fidelity_39_an_address_over_4096_characters_is_refused() {
    let cloud = Builder::new().start().await;
    let longest = format!("/prod?{}", "x".repeat(4_096 - "/prod?".len()));
    within(connect_async(cloud.strict(&longest))).await.expect("4,096 characters are fine");
    assert_eq!(cloud.refusal(&format!("{longest}x")).await, 414);
}

#[tokio::test]
async fn fidelity_45_during_connect_a_post_gives_410_and_after_it_arrives() {
    for way in Way::BOTH {
        let (cloud, release) = connect_waits(way).await;
        let mut raw = Raw::connect(cloud.websocket).await;
        raw.begin("/prod", HANDSHAKE).await;
        let id = connection_id(&cloud.event("ws-connect").await);
        assert_eq!(cloud.post(&id, "early").await, 410);
        release.notify_one();
        raw.head().await;
        assert_eq!(cloud.post(&id, "late").await, 200);
        assert_eq!(raw.read_frame().await, (0x81, b"late".to_vec()));
    }
}

#[tokio::test]
async fn a_client_that_leaves_during_connect_is_disconnected_if_it_was_accepted() {
    let (cloud, release) = connect_waits(Way::Port).await;
    let mut raw = Raw::connect(cloud.websocket).await;
    raw.begin("/prod", HANDSHAKE).await;
    let id = connection_id(&cloud.event("ws-connect").await);
    drop(raw);
    release.notify_one();
    let event = cloud.event("ws-disconnect").await;
    assert_eq!(connection_id(&event), id);
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1006);
    assert_eq!(cloud.apis.connections().count(), 0);
}

#[tokio::test]
async fn connect_has_29_seconds_as_well() {
    let builder = Builder::new().function("ws-connect", |_| std::future::pending());
    let cloud = builder.limits(|limits| limits.websocket_integration = Duration::from_millis(50)).start().await;
    assert_eq!(cloud.refusal("/prod").await, 504);
}
