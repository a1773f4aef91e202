//! Messages: the route that takes them, the event that its function gets, and the response that the sender gets.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Answer, Builder, failure, text, within};

/// Answers with the route's key, so that a test sees which route was taken.
async fn route_key(event: Value) -> Answer {
    Ok(json!({ "statusCode": 200, "body": event["requestContext"]["routeKey"] }))
}

fn routes_that_tell_their_keys() -> Builder {
    let builder = Builder::new().function("ws-message", route_key).function("other", route_key);
    ["chat", "7", "true", "1.50"]
        .into_iter()
        .fold(builder, |builder, key| builder.route(key, "other").route_response(key))
}

#[tokio::test]
async fn fidelity_15_a_message_event_has_exactly_the_fields_that_aws_sends_and_no_headers() {
    let cloud = Builder::new().start().await;
    let mut socket = cloud.socket().await;
    let (first, second) = ("{\"type\":\"message\",\"message\":\"é 🎯\"}", "second");
    socket.send(first).await;
    let event = cloud.event("ws-message").await;
    assert_eq!(event.as_object().expect("an object").len(), 3, "{event}");
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(first), &json!(false)));
    let context = &event["requestContext"];
    let mut keys: Vec<_> = context.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected = "apiId connectedAt connectionId domainName eventType extendedRequestId identity messageDirection \
                    messageId requestId requestTime requestTimeEpoch routeKey stage";
    assert_eq!(keys.join(" "), expected);
    assert_eq!((&context["routeKey"], &context["eventType"]), (&json!("$default"), &json!("MESSAGE")));
    assert_eq!((&context["messageDirection"], &context["connectionId"]), (&json!("IN"), &json!(socket.id)));
    assert_eq!(context["requestId"], context["extendedRequestId"]);

    socket.send(second).await;
    let next = cloud.event("ws-message").await;
    assert_eq!(next["requestContext"]["connectedAt"], context["connectedAt"]);
    assert_ne!(next["requestContext"]["requestId"], context["requestId"]);
    assert_ne!(next["requestContext"]["messageId"], context["messageId"]);

    let parsed: ApiGatewayWebsocketProxyRequest =
        serde_json::from_value(event.clone()).expect("the type of AWS's crate");
    assert_eq!(parsed.body.as_deref(), Some(first));
    assert_eq!(parsed.request_context.message_id, Some(text(&event, "/requestContext/messageId")));
}

/// The contexts of all events of a socket that sends two messages: CONNECT, MESSAGE twice, DISCONNECT.
async fn contexts_of_a_socket() -> Vec<Value> {
    let cloud = Builder::new().start().await;
    let (mut socket, _) = within(connect_async(cloud.strict("/prod"))).await.expect("it is let in");
    let mut events = vec![cloud.event("ws-connect").await];
    for text in ["one", "two"] {
        socket.send(Message::text(text)).await.expect("it is open");
        events.push(cloud.event("ws-message").await);
    }
    drop(socket);
    events.push(cloud.event("ws-disconnect").await);
    events.into_iter().map(|event| event["requestContext"].clone()).collect()
}

#[tokio::test]
async fn fidelity_17_the_request_id_equals_the_extended_one_and_is_new_for_each_event() {
    let contexts = contexts_of_a_socket().await;
    let mut ids = std::collections::BTreeSet::new();
    for context in &contexts {
        assert_eq!(context["requestId"], context["extendedRequestId"]);
        ids.insert(context["requestId"].as_str().expect("an id"));
    }
    assert_eq!(ids.len(), contexts.len());
}

#[tokio::test]
async fn fidelity_18_a_message_id_is_on_messages_only() {
    let contexts = contexts_of_a_socket().await;
    let has_id: Vec<bool> = contexts.iter().map(|context| context.get("messageId").is_some()).collect();
    assert_eq!(has_id, [false, true, true, false]);
}

#[tokio::test]
async fn fidelity_19_connected_at_is_constant_and_in_milliseconds() {
    let contexts = contexts_of_a_socket().await;
    for context in &contexts {
        assert_eq!(context["connectedAt"], contexts[0]["connectedAt"]);
        assert!(context["connectedAt"].as_i64().expect("a number") > 1_700_000_000_000, "milliseconds");
    }
}

#[tokio::test]
async fn fidelity_20_the_direction_of_every_event_is_in() {
    for context in contexts_of_a_socket().await {
        assert_eq!(context["messageDirection"], "IN");
    }
}

/// Sends each text and compares the key of the route that takes it.
async fn are_taken_by(cases: &[(&str, &str)]) {
    let cloud = routes_that_tell_their_keys().start().await;
    let mut socket = cloud.socket().await;
    for (body, key) in cases {
        socket.send(body).await;
        assert_eq!(socket.text().await, *key, "{body}");
    }
}

#[tokio::test]
async fn fidelity_24_routes_match_the_selection_exactly() {
    are_taken_by(&[
        (r#"{"type":"chat"}"#, "chat"),
        (r#"{"type":"ch\u0061t"}"#, "chat"),
        (r#"{"type":"Chat"}"#, "$default"),
        (r#"{"type":"chat "}"#, "$default"),
    ])
    .await;
}

#[tokio::test]
async fn fidelity_25_no_json_a_missing_path_and_no_match_go_to_default() {
    are_taken_by(&[
        (r#"{"other":"chat"}"#, "$default"),
        (r#"{"type":null}"#, "$default"),
        (r#"["type","chat"]"#, "$default"),
        ("not JSON", "$default"),
        ("", "$default"),
    ])
    .await;
}

#[tokio::test]
async fn fidelity_26_selections_that_are_no_text_are_stringified() {
    are_taken_by(&[(r#"{"type":7}"#, "7"), (r#"{"type":true}"#, "true"), (r#"{"type":1.50}"#, "1.50")]).await;
}

#[tokio::test]
async fn fidelity_40_a_message_never_reaches_connect_or_disconnect() {
    let cloud = routes_that_tell_their_keys().start().await;
    let mut socket = cloud.socket().await;
    for key in ["$connect", "$disconnect", "$default"] {
        socket.send(&json!({ "type": key }).to_string()).await;
        assert_eq!(socket.text().await, "$default");
    }
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
    assert_eq!(cloud.waiting_events("ws-disconnect").await, 0);
}

#[tokio::test]
async fn fidelity_27_without_any_route_the_sender_hears_forbidden_and_stays() {
    let cloud = Builder::new().without_route("$default").start().await;
    let mut socket = cloud.socket().await;
    for _ in 0..2 {
        socket.send("hello").await;
        let frame = socket.text().await;
        let start = format!(r#"{{"message": "Forbidden", "connectionId":"{}", "requestId":""#, socket.id);
        assert!(frame.starts_with(&start), "{frame}");
        assert_eq!(frame.len(), start.len() + 16 + 2, "{frame}");
    }
}

#[tokio::test]
async fn fidelity_28_a_function_error_is_told_to_the_sender_without_its_details() {
    // The error is sent back even if the route has no response.
    for builder in [Builder::new(), Builder::new().route("chat", "ws-message")] {
        let cloud = builder.function("ws-message", |_| async { Err(failure()) }).start().await;
        let mut socket = cloud.socket().await;
        socket.send(r#"{"type":"chat"}"#).await;
        let frame: Value = serde_json::from_str(&socket.text().await).expect("JSON");
        let event = cloud.event("ws-message").await;
        let request_id = &event["requestContext"]["requestId"];
        let expected = json!({
            "message": "Internal server error",
            "connectionId": socket.id,
            "requestId": request_id,
        });
        assert_eq!(frame, expected);
    }
}

#[tokio::test]
async fn fidelity_29_a_function_that_takes_too_long_is_told_as_timed_out() {
    let builder = Builder::new().function("ws-message", |_| std::future::pending());
    let cloud = builder.limits(|limits| limits.websocket_integration = Duration::from_millis(50)).start().await;
    let mut socket = cloud.socket().await;
    socket.send("hello").await;
    assert!(socket.text().await.starts_with(r#"{"message": "Endpoint request timed out", "#));
}

#[tokio::test]
async fn fidelity_30_a_route_without_a_route_response_ignores_the_return_value() {
    let cloud = routes_that_tell_their_keys().route("quiet", "other").start().await;
    let mut socket = cloud.socket().await;
    socket.send(r#"{"type":"quiet"}"#).await;
    assert_eq!(cloud.event("other").await["requestContext"]["routeKey"], "quiet");
    socket.send("hello").await;
    assert_eq!(socket.text().await, "$default", "and nothing of quiet before");
}

#[tokio::test]
async fn fidelity_31_with_a_route_response_the_body_goes_back_to_the_caller_alone() {
    let builder = Builder::new().function("ws-message", |event| async move {
        Ok(match event["body"].as_str() {
            Some("plain") => json!({ "statusCode": 200, "body": "é 🎯" }),
            Some("encoded") => json!({ "statusCode": 200, "body": "aGk=", "isBase64Encoded": true }),
            Some("bad status") => json!({ "statusCode": 400, "body": "still told" }),
            Some("no body") => json!({ "statusCode": 200 }),
            // (i) A malformed response is an error.
            _ => json!(["not", "a", "response"]),
        })
    });
    let cloud = builder.start().await;
    let (mut sender, mut other) = (cloud.socket().await, cloud.socket().await);
    for (body, answer) in [("plain", "é 🎯"), ("encoded", "hi"), ("bad status", "still told")] {
        sender.send(body).await;
        assert_eq!(sender.text().await, answer);
    }
    sender.send("no body").await;
    cloud.event("ws-message").await;
    sender.send("nonsense").await;
    assert!(sender.text().await.starts_with(r#"{"message": "Internal server error", "#));
    assert_eq!(cloud.post(&other.id, "only this").await, 200);
    assert_eq!(other.text().await, "only this");
}

#[tokio::test]
async fn fidelity_32_messages_of_one_socket_run_concurrently_up_to_a_bound() {
    let release = Arc::new(Notify::new());
    let released = Arc::clone(&release);
    let builder = Builder::new().function("ws-message", move |event| {
        let released = Arc::clone(&released);
        async move {
            if event["body"] != "fast" {
                released.notified().await;
            }
            Ok(json!({ "statusCode": 200, "body": event["body"] }))
        }
    });
    let cloud = builder.limits(|limits| limits.concurrent_messages = 2).start().await;
    let mut socket = cloud.socket().await;
    socket.send("slow").await;
    socket.send("fast").await;
    assert_eq!(socket.text().await, "fast", "it overtakes the slow one");
    socket.send("slow too").await;
    socket.send("fast").await;
    for expected in ["slow", "fast", "slow too"] {
        let event = cloud.event("ws-message").await;
        assert_eq!(event["body"], expected);
    }
    assert_eq!(cloud.waiting_events("ws-message").await, 0, "the fourth waits for a place");
    release.notify_one();
    let mut answers = [socket.text().await, socket.text().await];
    answers.sort();
    assert_eq!(answers, ["fast", "slow"]);
    release.notify_one();
    assert_eq!(socket.text().await, "slow too");
}

#[tokio::test]
async fn fidelity_35_a_fragmented_message_up_to_128_kb_passes() {
    let builder = Builder::new().function("ws-message", |event| async move {
        let length = event["body"].as_str().expect("text").len();
        Ok(json!({ "statusCode": 200, "body": length.to_string() }))
    });
    let cloud = builder.start().await;
    let mut socket = cloud.socket().await;
    let part = "x".repeat(32 * 1024);
    for (index, opcode) in [Data::Text, Data::Continue, Data::Continue, Data::Continue].into_iter().enumerate() {
        let frame = Frame::message(part.clone(), OpCode::Data(opcode), index == 3);
        socket.send_message(Message::Frame(frame)).await;
    }
    assert_eq!(socket.text().await, (128 * 1024).to_string());
}
