//! Slow clients: each occupies a connection for a bounded time, and does not delay the others.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::raw::{HANDSHAKE, Raw};
use crate::support::{Builder, connection_id, within};

const SHORT: Duration = Duration::from_millis(300);

async fn ok(_event: Value) -> crate::support::Answer {
    Ok(json!({ "statusCode": 200 }))
}

/// A gateway with short timeouts.
fn hasty() -> Builder {
    let builder = Builder::new().function("f", ok).http("POST", "/live-chat/send-message", "f");
    builder.limits(|limits| {
        limits.header_read = SHORT;
        limits.body_read = SHORT;
        limits.response_write = SHORT;
    })
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_ended() {
    let cloud = hasty().start().await;
    for address in [cloud.public, cloud.internal] {
        assert!(Raw::connect(address).await.is_ended().await);
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off_however_busy_it_looks() {
    let cloud = hasty().start().await;
    let mut raw = Raw::connect(cloud.public).await;
    raw.write(b"GET / HTTP/1.1\r\nHost: x\r\n").await;
    // One more field again and again: no single pause is long.
    let mut fields = 0;
    while tokio::time::timeout(SHORT / 20, raw.is_ended()).await.is_err() {
        // The connection may be cut off between the check and the write.
        let _ = raw.stream.write_all(b"X-Slow: 1\r\n").await;
        fields += 1;
        assert!(fields < 400, "it is cut off by the time, long before the head is too large");
    }
}

#[tokio::test]
async fn a_connection_that_was_used_and_falls_silent_is_ended() {
    let cloud = hasty().start().await;
    let mut raw = Raw::connect(cloud.websocket).await;
    assert!(raw.request("/prod/x", "Host: x\r\n").await.starts_with("HTTP/1.1 403 "));
    let mut rest = Vec::new();
    within(raw.stream.read_to_end(&mut rest)).await.expect("it is ended in order");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408_and_no_function_hears_of_it() {
    let cloud = hasty().start().await;
    let mut raw = Raw::connect(cloud.public).await;
    raw.write(b"POST /live-chat/send-message HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{").await;
    assert!(raw.head().await.starts_with("HTTP/1.1 408 "));
    let mut rest = Vec::new();
    within(raw.stream.read_to_end(&mut rest)).await.expect("it is ended in order");
    assert_eq!(cloud.waiting_events("f").await, 0);
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up() {
    let large = json!({ "statusCode": 200, "body": "x".repeat(5 << 20) });
    let builder = hasty().function("large", move |_| std::future::ready(Ok(large.clone())));
    let cloud = builder.http("GET", "/live-chat/messages", "large").start().await;
    let mut raw = Raw::connect(cloud.public).await;
    raw.begin("/live-chat/messages", "Host: x\r\n").await;
    cloud.event("large").await;
    // Nothing is read, so that only the gateway can end the connection; a write to a connection that has ended fails.
    let mut pace = tokio::time::interval(SHORT / 10);
    let given_up = async {
        while raw.stream.write_all(b"\r\n").await.is_ok() {
            pace.tick().await;
        }
    };
    within(given_up).await;
}

#[tokio::test]
async fn an_answer_that_is_read_slowly_arrives_whole() {
    let large = json!({ "statusCode": 200, "body": "x".repeat(5 << 20) });
    let builder = hasty().function("large", move |_| std::future::ready(Ok(large.clone())));
    let limit = Duration::from_secs(2);
    let builder = builder.limits(|limits| limits.response_write = limit);
    let cloud = builder.http("GET", "/live-chat/messages", "large").start().await;
    let mut raw = Raw::connect(cloud.public).await;
    raw.request("/live-chat/messages", "Host: x\r\n").await;
    let mut part = vec![0; 512 << 10];
    // The total takes longer than the limit, but no single pause does.
    let mut pace = tokio::time::interval(limit / 8);
    for _ in 0..10 {
        pace.tick().await;
        within(raw.stream.read_exact(&mut part)).await.expect("there is more");
    }
}

#[tokio::test]
async fn a_socket_may_be_silent_for_longer_than_any_request() {
    let cloud = hasty().start().await;
    let mut raw = Raw::connect(cloud.websocket).await;
    assert!(raw.request("/prod", HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
    // Longer than all of the above combined.
    let early = tokio::time::timeout(SHORT * 5, raw.stream.read_u8()).await;
    assert!(early.is_err(), "nothing may come");
    raw.frame(0x81, b"still here").await;
    assert_eq!(cloud.event("ws-message").await["body"], "still here");
}

#[tokio::test]
async fn a_socket_that_does_not_read_for_a_while_is_no_answer_that_nobody_reads() {
    let cloud = hasty().start().await;
    let mut raw = Raw::open(cloud.websocket).await;
    let id = connection_id(&cloud.event("ws-connect").await);
    let taken = cloud.post_until_full(&id).await;
    let early = tokio::time::timeout(SHORT * 3, cloud.event("ws-disconnect")).await;
    assert!(early.is_err(), "it may not be ended");
    for number in 0..taken {
        assert!(raw.read_frame().await.1.starts_with(format!("{number} ").as_bytes()));
    }
}
