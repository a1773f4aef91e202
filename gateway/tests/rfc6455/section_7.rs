//! Sections 7.1 to 7.3: how a connection ends.

use crate::raw::{HANDSHAKE, Raw, frame};
use crate::support::{Builder, connection_id};
use crate::{disconnect_code, open, start};

/// The server closes the TCP connection first, in order, not by a reset.
#[tokio::test]
async fn rfc_7_1_1_the_server_ends_the_connection_after_the_handshake_of_the_close() {
    let (_cloud, mut raw) = open().await;
    raw.frame(0x88, &1000_u16.to_be_bytes()).await;
    assert_eq!(raw.close_code().await, 1000);
    assert!(raw.is_finished().await, "the client has not closed its side, and need not");
}

/// The code of the connection is that of the first close frame that was received; without a code it is 1005.
#[tokio::test]
async fn rfc_7_1_5_a_close_without_a_code_is_1005() {
    let (cloud, mut raw) = open().await;
    raw.frame(0x88, b"").await;
    assert_eq!(raw.read_frame().await, (0x88, Vec::new()), "1005 itself MUST NOT be sent");
    assert_eq!(disconnect_code(&cloud).await, 1005);
}

/// Only the first close frame counts.
#[tokio::test]
async fn rfc_7_1_5_only_the_first_close_counts() {
    let (cloud, mut raw) = open().await;
    raw.write(&[frame(0x88, b"\x0f\xa1"), frame(0x88, b"\x0f\xa2")].concat()).await;
    assert_eq!(raw.close_code().await, 4001);
    assert!(raw.is_finished().await);
    assert_eq!(disconnect_code(&cloud).await, 4001);
}

/// If there was no close frame, the code is 1006.
#[tokio::test]
async fn rfc_7_1_5_a_connection_that_ends_without_a_close_is_1006() {
    let (cloud, raw) = open().await;
    drop(raw);
    assert_eq!(disconnect_code(&cloud).await, 1006);

    let mut raw = Raw::open(cloud.websocket).await;
    raw.write(&frame(0x81, b"half a frame")[..9]).await;
    drop(raw);
    assert_eq!(disconnect_code(&cloud).await, 1006);
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

/// The reason is UTF-8.
#[tokio::test]
async fn rfc_7_1_6_the_reason_is_heard_as_it_was_sent() {
    let (cloud, mut raw) = open().await;
    let payload = [1000_u16.to_be_bytes().as_slice(), "tschüß 🎯".as_bytes()].concat();
    raw.frame(0x88, &payload).await;
    assert_eq!(raw.read_frame().await, (0x88, payload));
    assert_eq!(cloud.event("ws-disconnect").await["requestContext"]["disconnectReason"], "tschüß 🎯");
}

/// To fail the connection an endpoint sends a close frame with its code, and ignores what comes after.
#[tokio::test]
async fn rfc_7_1_7_after_a_failure_nothing_is_read_any_more() {
    let (cloud, mut raw) = open().await;
    raw.write(&[frame(0x83, b""), frame(0x81, b"late"), frame(0x88, b"\x0f\xa1")].concat()).await;
    assert_eq!(raw.close_code().await, 1002);
    assert!(raw.is_finished().await);
    assert_eq!(disconnect_code(&cloud).await, 1002);
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

/// A failure after valid frames does not undo them.
#[tokio::test]
async fn rfc_7_1_7_what_came_before_a_failure_counts() {
    let (cloud, mut raw) = open().await;
    raw.write(&[frame(0x81, b"good"), frame(0xc1, b"bad")].concat()).await;
    assert_eq!(cloud.event("ws-message").await["body"], "good");
    assert_eq!(disconnect_code(&cloud).await, 1002);
}

/// A server may close at any time: 1001 says that it is going away.
#[tokio::test]
async fn rfc_7_2_2_a_server_that_shuts_down_says_1001() {
    let (cloud, mut raw) = open().await;
    cloud.shutdown.cancel();
    assert_eq!(raw.close_code().await, 1001);
    assert_eq!(disconnect_code(&cloud).await, 1001);
}

/// A client that does not answer a close frame does not keep the connection open.
#[tokio::test]
async fn rfc_7_2_2_a_close_that_is_not_answered_ends_the_connection_all_the_same() {
    let builder = Builder::new().limits(|limits| limits.closing = std::time::Duration::from_millis(100));
    let cloud = builder.start().await;
    let mut raw = Raw::open(cloud.websocket).await;
    let id = connection_id(&cloud.event("ws-connect").await);
    assert_eq!(cloud.management(reqwest::Method::DELETE, &id, "").await.status(), 204);
    assert_eq!(raw.close_code().await, 1000);
    assert!(raw.is_ended().await);
}

/// Clients that lost a connection reconnect: each handshake opens a new connection.
#[tokio::test]
async fn rfc_7_2_3_a_client_may_come_back_at_once() {
    let cloud = start().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let mut raw = Raw::connect(cloud.websocket).await;
        assert!(raw.request("/prod", HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        ids.insert(connection_id(&cloud.event("ws-connect").await));
        drop(raw);
        assert_eq!(disconnect_code(&cloud).await, 1006);
    }
    assert_eq!(ids.len(), 20);
}

/// A normal closure is 1000, from either side.
#[tokio::test]
async fn rfc_7_3_a_normal_closure_is_1000() {
    let (cloud, mut raw) = open().await;
    raw.frame(0x88, &1000_u16.to_be_bytes()).await;
    assert_eq!(raw.close_code().await, 1000);
    assert_eq!(disconnect_code(&cloud).await, 1000);
}
