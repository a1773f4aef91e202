//! The ends of sockets: each kind has its code, and `$disconnect` is invoked exactly once for each socket.

use std::time::{Duration, Instant};

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use gateway::apis::connections::PostError;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::raw::{Raw, frame};
use crate::support::{Builder, Cloud, connection_id, failure, within};
use crate::way::Way;

/// The next `$disconnect`: code, reason and connection.
async fn disconnect(cloud: &Cloud) -> (u64, String, String) {
    let event = cloud.event("ws-disconnect").await;
    let context = &event["requestContext"];
    let code = context["disconnectStatusCode"].as_u64().expect("a number");
    (code, context["disconnectReason"].as_str().expect("a text").to_owned(), connection_id(&event))
}

#[tokio::test]
async fn fidelity_16_a_disconnect_event_has_exactly_the_fields_that_aws_sends() {
    let cloud = Builder::new().start().await;
    let mut socket = cloud.socket().await;
    socket.send_message(Message::Close(None)).await;
    let event = cloud.event("ws-disconnect").await;
    let headers = json!({ "Host": "127.0.0.1", "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" });
    assert_eq!(event["headers"], headers);
    let headers = json!({ "Host": ["127.0.0.1"], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""] });
    assert_eq!(event["multiValueHeaders"], headers);
    assert_eq!(event.as_object().expect("an object").len(), 4, "{event}");
    let context = event["requestContext"].as_object().expect("an object");
    let mut keys: Vec<_> = context.keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected = "apiId connectedAt connectionId disconnectReason disconnectStatusCode domainName eventType \
                    extendedRequestId identity messageDirection requestId requestTime requestTimeEpoch routeKey stage";
    assert_eq!(keys.join(" "), expected);
    assert_eq!((&context["routeKey"], &context["eventType"]), (&json!("$disconnect"), &json!("DISCONNECT")));
    let parsed: ApiGatewayWebsocketProxyRequest =
        serde_json::from_value(event.clone()).expect("the type of AWS's crate");
    assert_eq!(parsed.request_context.disconnect_status_code, Some(1005));
}

#[tokio::test]
async fn fidelity_22_disconnect_hears_the_code_and_the_reason() {
    let cloud = Builder::new().start().await;

    let mut silent = cloud.socket().await;
    silent.send_message(Message::Close(None)).await;
    let reason = "Client-side close frame status not set".to_owned();
    assert_eq!(disconnect(&cloud).await, (1005, reason, silent.id));

    let mut own = cloud.socket().await;
    own.send_message(Message::Close(Some(CloseFrame { code: 4_001.into(), reason: "my reason".into() }))).await;
    assert_eq!(disconnect(&cloud).await, (4_001, "my reason".to_owned(), own.id.clone()));
    assert_eq!(own.closed().await, (4_001, "my reason".to_owned()), "the close frame is answered");

    let mut deleted = cloud.socket().await;
    assert_eq!(cloud.management(reqwest::Method::DELETE, &deleted.id, "").await.status(), 204);
    assert_eq!(deleted.closed().await.0, 1000);
    assert_eq!(disconnect(&cloud).await, (1000, "Connection Closed Normally".to_owned(), deleted.id));

    let vanished = cloud.socket().await;
    let id = vanished.id.clone();
    drop(vanished);
    // (i) Without a close frame it is RFC 6455's 1006.
    assert_eq!(disconnect(&cloud).await, (1006, "Connection Closed Abnormally".to_owned(), id));
}

#[tokio::test]
async fn fidelity_23_disconnect_follows_every_close_once_and_cannot_refuse() {
    let builder = Builder::new().function("ws-disconnect", |_| async { Err(failure()) });
    let cloud = builder.start().await;
    let mut open: Vec<String> = Vec::new();
    for number in 0..20 {
        let mut socket = cloud.socket().await;
        open.push(socket.id.clone());
        match number % 4 {
            0 => socket.send_message(Message::Close(None)).await,
            1 => socket.send_message(Message::binary(vec![1])).await,
            2 => assert_eq!(cloud.management(reqwest::Method::DELETE, &socket.id, "").await.status(), 204),
            _ => drop(socket),
        }
    }
    let mut heard: Vec<String> = Vec::new();
    for _ in 0..20 {
        heard.push(disconnect(&cloud).await.2);
    }
    open.sort();
    heard.sort();
    assert_eq!(open, heard);
    cloud.shutdown.cancel();
    within(cloud.server).await.expect("it stops");
    assert_eq!(cloud.apis.connections().count(), 0);
}

#[tokio::test]
async fn fidelity_33_a_binary_frame_closes_with_1003() {
    let cloud = Builder::new().start().await;
    let mut socket = cloud.socket().await;
    socket.send_message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.closed().await.0, 1003);
    assert_eq!(disconnect(&cloud).await.0, 1003);
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

#[tokio::test]
async fn fidelity_34_a_frame_over_32_kb_closes_with_1009() {
    let cloud = Builder::new().start().await;
    let mut socket = cloud.socket().await;
    socket.send(&"x".repeat(32 * 1024)).await;
    cloud.event("ws-message").await;
    // The close frame arrives although the client is still sending.
    socket.send(&"x".repeat(32 * 1024 + 1)).await;
    assert_eq!(socket.closed().await.0, 1009);
    assert_eq!(disconnect(&cloud).await.0, 1009);
}

#[tokio::test]
async fn fidelity_35_a_fragmented_message_over_128_kb_closes_with_1009() {
    let cloud = Builder::new().start().await;
    let mut raw = Raw::open(cloud.websocket).await;
    let part = vec![b'x'; 32 * 1024];
    for first in [0x01, 0, 0, 0] {
        raw.frame(first, &part).await;
    }
    raw.frame(0x80, b"y").await;
    assert_eq!(raw.close_code().await, 1009);
    assert_eq!(disconnect(&cloud).await.0, 1009);
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

#[tokio::test]
async fn fidelity_36_an_idle_socket_is_closed_with_1001() {
    let cloud = Builder::new().limits(|limits| limits.idle = Duration::from_millis(200)).start().await;
    let opened = Instant::now();
    let mut socket = cloud.socket().await;
    assert_eq!(socket.closed().await, (1001, "Going away".to_owned()));
    assert!(opened.elapsed() >= Duration::from_millis(200));
    assert_eq!(disconnect(&cloud).await, (1001, "Going away".to_owned(), socket.id));
}

#[tokio::test]
async fn fidelity_37_however_busy_no_socket_outlives_its_time() {
    let builder = Builder::new().function("ws-message", |_| async { Ok(json!({ "statusCode": 200, "body": "pong" })) });
    let cloud = builder.limits(|limits| limits.lifetime = Duration::from_millis(300)).start().await;
    let mut raw = Raw::open(cloud.websocket).await;
    loop {
        raw.frame(0x81, b"ping").await;
        match raw.read_frame().await {
            (0x81, payload) => assert_eq!(payload, b"pong"),
            // (i) AWS does not tell the code.
            (first, payload) => {
                assert_eq!((first, payload), (0x88, b"\x03\xe9Going away".to_vec()));
                break;
            }
        }
    }
    assert_eq!(disconnect(&cloud).await.0, 1001);
}

#[tokio::test]
async fn fidelity_38_a_push_from_the_server_resets_the_idle_timer() {
    let idle = Duration::from_millis(600);
    let cloud = Builder::new().limits(|limits| limits.idle = idle).start().await;
    let mut socket = cloud.socket().await;
    let nothing = tokio::time::timeout(idle / 2, socket.closed()).await;
    assert!(nothing.is_err(), "it is not idle for long enough yet");
    let pushed = Instant::now();
    assert_eq!(cloud.post(&socket.id, "still here").await, 200);
    assert_eq!(socket.text().await, "still here");
    assert_eq!(socket.closed().await.0, 1001);
    assert!(pushed.elapsed() >= idle, "it was closed {:?} after the push", pushed.elapsed());
}

#[tokio::test]
async fn fidelity_50_everything_that_was_posted_arrives_before_the_close() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let mut socket = cloud.socket().await;
        for number in 0..50 {
            assert_eq!(cloud.post(&socket.id, &number.to_string()).await, 200);
        }
        let connection = cloud.apis.connections().get(&socket.id).expect("it is open");
        assert_eq!(cloud.management(reqwest::Method::DELETE, &socket.id, "").await.status(), 204);
        assert_eq!(cloud.post(&socket.id, "too late").await, 410);
        assert_eq!(connection.post("too late".into()), Err(PostError::Gone));
        for number in 0..50 {
            assert_eq!(socket.text().await, number.to_string());
        }
        assert_eq!(socket.closed().await.0, 1000);
    }
}

#[tokio::test]
async fn a_close_frame_is_not_lost_to_a_reset_if_the_client_is_still_sending() {
    let cloud = Builder::new().start().await;
    let rest = vec![b'x'; 200 * 1024];
    for (begin, code) in [(frame(0x81, &rest), 1009), (frame(0x88, &4_000_u16.to_be_bytes()), 4_000)] {
        let mut raw = Raw::open(cloud.websocket).await;
        raw.write(&[begin.as_slice(), &rest].concat()).await;
        assert_eq!(raw.close_code().await, code);
        assert!(raw.is_finished().await, "the connection was reset after {code}");
    }
}
