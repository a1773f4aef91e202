//! The harness itself: undocumented frames and responses must fail a test, otherwise the documents would prove nothing.

use std::future::IntoFuture;

use axum::Router;
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tests::rest::{Answer, User};
use tests::schemas::frames::{Dialogue, close_code, from_client, from_server, refusal};
use tests::schemas::rest::{RestCall, check};
use tests::socket::Socket;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

const JSON: (&str, &str) = ("content-type", "application/json");
const NO_STORE: (&str, &str) = ("cache-control", "no-store");

fn answer(status: u16, headers: &[(&'static str, &'static str)], json: Value) -> Answer {
    let pair =
        |(name, value): &(&'static str, &'static str)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    let headers: HeaderMap = headers.iter().map(pair).collect();
    Answer { status, headers, text: json.to_string(), json }
}

fn verdict(method: &str, path: &str, body: Option<&str>, answer: &Answer) -> Result<(), String> {
    check(&RestCall { method, path, body: body.map(str::as_bytes) }, answer)
}

#[test]
fn an_answer_passes_only_as_it_is_documented() {
    let viewers = || json!({"viewer_count": 1, "session_id": 1, "session_name": "Draw Chat - November 23, 2026"});
    let with = |name: &str, value: Value| {
        let mut body = viewers();
        body[name] = value;
        answer(200, &[JSON, NO_STORE], body)
    };
    let path = "/live-chat/viewers";
    let right = answer(200, &[JSON, NO_STORE], viewers());
    verdict("GET", path, None, &right).expect("this one is documented");
    let problem = ("content-type", "application/problem+json");
    let limit =
        json!({"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "no", "code": "chat_not_active"});
    verdict("GET", path, None, &answer(403, &[problem, NO_STORE], limit.clone())).expect("so is this one");
    for (what, method, path, answer) in [
        ("another path", "GET", "/live-chat/nothing", answer(200, &[JSON, NO_STORE], viewers())),
        ("another method", "POST", path, answer(200, &[JSON, NO_STORE], viewers())),
        ("another status", "GET", path, answer(201, &[JSON, NO_STORE], viewers())),
        ("another type", "GET", path, answer(200, &[("content-type", "text/plain"), NO_STORE], viewers())),
        ("a field more", "GET", path, with("likes", json!(1))),
        ("a count below zero", "GET", path, with("viewer_count", json!(-1))),
        ("a text that is too short", "GET", path, with("session_name", json!(""))),
        ("a header less", "GET", path, answer(200, &[JSON], viewers())),
        ("a header more", "GET", path, answer(200, &[JSON, NO_STORE, ("retry-after", "1")], viewers())),
        ("another value of a header", "GET", path, answer(200, &[JSON, ("cache-control", "public")], viewers())),
        ("a status that the body contradicts", "GET", path, answer(401, &[problem, NO_STORE], limit)),
        ("API Gateway's shape for what a function says", "GET", path, answer(403, &[JSON], json!({"message": "no"}))),
    ] {
        let verdict = verdict(method, path, None, &answer);
        assert!(verdict.is_err(), "{what} passed");
    }
}

#[test]
fn a_body_that_is_taken_must_be_documented() {
    let sent = json!({"message": "Message sent successfully", "message_id": 100_000_001, "duplicate": false,
        "created_at": "2026-11-23T16:38:45.921-05:00"});
    let taken =
        |body| verdict("POST", "/live-chat/send-message", Some(body), &answer(200, &[JSON, NO_STORE], sent.clone()));
    taken(r#"{"message":"hi","more":1}"#).expect("other fields are ignored");
    for body in [r#"{"text":"hi"}"#, r#"{"message":"hi","client_message_id":""}"#, "hi"] {
        assert!(taken(body).is_err(), "{body} passed");
    }
}

#[test]
fn a_frame_passes_only_as_it_is_documented_and_in_its_direction() {
    let like = json!({"type": "session_like_update", "total_likes": 2});
    from_server(&like).expect("documented");
    from_server(&json!({"type": "batch", "events": [like, like]})).expect("documented");
    from_server(&json!({"message": "Internal server error", "connectionId": "c=", "requestId": "r="}))
        .expect("documented");
    from_client(&json!({"type": "resume", "after": 0})).expect("documented");
    for frame in [
        json!({"type": "dance"}),
        json!({"type": "ping"}),
        json!({"type": "session_like_update"}),
        json!({"type": "session_like_update", "total_likes": 2, "by": "ann"}),
        json!({"type": "batch", "events": [like]}),
        json!({"type": "batch", "events": [like, {"type": "pong"}]}),
        json!({"type": "error", "code": "rate_limited", "message": "slow down"}),
        json!([]),
    ] {
        assert!(from_server(&frame).is_err(), "{frame} passed");
    }
    for frame in [like, json!({"type": "resume", "after": -1}), json!({"type": "message"})] {
        assert!(from_client(&frame).is_err(), "{frame} passed");
    }
    refusal(401, b"").expect("documented");
    refusal(426, br#"{"message":"Upgrade Required"}"#).expect("documented");
    assert!(refusal(401, b"{}").is_err() && refusal(418, b"").is_err() && refusal(426, b"").is_err());
    close_code(1000).expect("documented");
    assert!(close_code(1011).is_err());
}

#[test]
fn a_frame_that_is_taken_must_be_documented() {
    let pong = json!({"type": "pong"});
    let mut dialogue = Dialogue::default();
    dialogue.sends(r#"{"type":"hello"}"#);
    dialogue.hears(&json!({"type": "new_message"})).expect("this is no answer");
    assert!(dialogue.hears(&pong).is_err(), "it was answered without an error");
    dialogue.sends(r#"{"type":"hello"}"#);
    dialogue.hears(&json!({"type": "error"})).expect("it was refused");
    dialogue.sends(r#"{"type":"ping"}"#);
    dialogue.sends("no json");
    dialogue.hears(&pong).expect("the other one is not answered yet");
    assert!(dialogue.hears(&pong).is_err(), "both were taken");
}

/// A task's panic message.
async fn panic_of<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> String {
    let failure = tokio::spawn(task).await.err().expect("it must panic").into_panic();
    failure.downcast_ref::<String>().expect("a sentence").clone()
}

#[tokio::test]
async fn a_test_that_gets_what_is_not_documented_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let likes = || async { ([JSON, NO_STORE], r#"{"total_likes":"many"}"#) };
    tokio::spawn(axum::serve(listener, Router::new().route("/live-chat/likes", get(likes))).into_future());
    let user = User::new("ann", "token", &base);
    let said = panic_of(async move { user.get("likes").await.status }).await;
    assert!(said.contains("GET /live-chat/likes 200") && said.contains("/total_likes"), "{said}");
}

/// The URL of a server that sends one frame to the first socket.
async fn server_that_says(frame: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}/live-chat/ws/1", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
        socket.send(Message::text(frame)).await.expect("the client listens");
        while socket.next().await.is_some() {}
    });
    url
}

#[tokio::test]
async fn a_test_that_hears_what_is_not_documented_fails_even_if_it_waits_for_something_else() {
    let url = server_that_says(r#"{"type":"pong","server_time":"now"}"#).await;
    let said = panic_of(async move { Socket::open(&url, &[]).await.ok().unwrap().next("ack").await }).await;
    assert!(said.contains("/server_time") && said.contains("last_seq"), "{said}");
}
