//! Section 5.5: close, ping and pong.

use crate::raw::{frame, frame_of_length};
use crate::support::connection_id;
use crate::{disconnect_code, fail_the_connection, open};

/// Control frames MUST have a payload of 125 bytes or less.
#[tokio::test]
async fn rfc_5_5_a_control_frame_over_125_bytes_fails_the_connection() {
    let long = [b'x'; 126];
    let close = [1000_u16.to_be_bytes().as_slice(), &[b'x'; 124]].concat();
    fail_the_connection(&[
        ("a ping", frame(0x89, &long), 1002),
        ("a pong", frame(0x8a, &long), 1002),
        ("a close", frame(0x88, &close), 1002),
        ("a ping that is larger than any frame", frame_of_length(0x89, &[126, 0xff, 0xff], [0; 4], b""), 1002),
    ])
    .await;
}

/// Control frames MUST NOT be fragmented.
#[tokio::test]
async fn rfc_5_5_a_fragmented_control_frame_fails_the_connection() {
    let cases = [0x08_u8, 0x09, 0x0a].map(|first| ("", frame(first, b""), 1002));
    fail_the_connection(&cases).await;
}

/// An endpoint that receives a close frame MUST send one back, with the code that it received.
#[tokio::test]
async fn rfc_5_5_1_a_close_is_answered_with_its_code_and_reason() {
    let (cloud, mut raw) = open().await;
    raw.frame(0x88, b"\x0f\xa1my reason").await;
    assert_eq!(raw.read_frame().await, (0x88, b"\x0f\xa1my reason".to_vec()));
    assert!(raw.is_finished().await);
    let event = cloud.event("ws-disconnect").await;
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 4001);
    assert_eq!(event["requestContext"]["disconnectReason"], "my reason");
}

/// A close frame may be empty, or as long as any control frame.
#[tokio::test]
async fn rfc_5_5_1_a_close_may_be_empty_or_full() {
    let full = [1000_u16.to_be_bytes().as_slice(), &[b'x'; 123]].concat();
    for (payload, code) in [(Vec::new(), 1005), (full, 1000)] {
        let (cloud, mut raw) = open().await;
        raw.frame(0x88, &payload).await;
        assert_eq!(raw.read_frame().await, (0x88, payload));
        assert!(raw.is_finished().await);
        assert_eq!(disconnect_code(&cloud).await, code);
    }
}

/// After its close frame an endpoint sends no more data, and bytes after it are not read as data.
#[tokio::test]
async fn rfc_5_5_1_what_comes_behind_a_close_is_no_message() {
    let (cloud, mut raw) = open().await;
    raw.write(&[frame(0x88, &1000_u16.to_be_bytes()), frame(0x81, b"late"), frame(0x89, b"late")].concat()).await;
    assert_eq!(raw.close_code().await, 1000);
    assert!(raw.is_finished().await);
    assert_eq!(disconnect_code(&cloud).await, 1000);
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

/// After a close frame in both directions, the server closes the TCP connection at once.
#[tokio::test]
async fn rfc_5_5_1_a_close_of_the_server_ends_with_the_clients_answer() {
    let (cloud, mut raw) = open().await;
    let id = connection_id(&cloud.event("ws-connect").await);
    assert_eq!(cloud.management(reqwest::Method::DELETE, &id, "").await.status(), 204);
    assert_eq!(raw.close_code().await, 1000);
    // Data that was under way when the close frame arrived is allowed, and ignored.
    raw.frame(0x81, b"crossing").await;
    raw.frame(0x88, &1000_u16.to_be_bytes()).await;
    assert!(raw.is_finished().await);
    assert_eq!(disconnect_code(&cloud).await, 1000);
}

/// A ping MUST be answered with a pong with the same payload, of 0 to 125 bytes.
#[tokio::test]
async fn rfc_5_5_2_a_ping_is_answered_with_its_own_payload() {
    let (_cloud, mut raw) = open().await;
    let full = [0xff; 125];
    for payload in [b"".as_slice(), b"are you there?", &full] {
        raw.frame(0x89, payload).await;
        assert_eq!(raw.read_frame().await, (0x8a, payload.to_vec()));
    }
}

/// If several pings are waiting, a pong for the latest may answer all of them.
#[tokio::test]
async fn rfc_5_5_3_the_last_of_several_pings_is_answered() {
    let (_cloud, mut raw) = open().await;
    raw.write(&[frame(0x89, b"one"), frame(0x89, b"two"), frame(0x89, b"three")].concat()).await;
    loop {
        let (first, payload) = raw.read_frame().await;
        assert_eq!(first, 0x8a);
        if payload == b"three" {
            break;
        }
    }
}

/// An unsolicited pong is not a message, and is not answered.
#[tokio::test]
async fn rfc_5_5_3_an_unasked_pong_is_passed_over() {
    let (cloud, mut raw) = open().await;
    raw.frame(0x8a, b"here I am").await;
    raw.frame(0x81, b"Hello").await;
    assert_eq!(raw.read_frame().await, (0x81, b"Hello".to_vec()));
    assert_eq!(cloud.event("ws-message").await["body"], "Hello");
}
