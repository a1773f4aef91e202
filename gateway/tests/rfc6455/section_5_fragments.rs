//! Section 5.4: messages in several frames.

use crate::raw::frame;
use crate::{fail_the_connection, open};

/// A fragmented message begins with FIN 0 and an opcode, goes on with opcode 0, and ends with FIN 1 and opcode 0.
#[tokio::test]
async fn rfc_5_4_fragments_become_one_message() {
    let (cloud, mut raw) = open().await;
    for parts in [["Hel", "lo", ""], ["", "Hello", ""], ["", "", "Hello"], ["H", "el", "lo"]] {
        let [first, next, last] = parts.map(str::as_bytes);
        raw.write(&[frame(0x01, first), frame(0x00, next), frame(0x80, last)].concat()).await;
        assert_eq!(raw.read_frame().await, (0x81, b"Hello".to_vec()), "{parts:?}");
        assert_eq!(cloud.event("ws-message").await["body"], "Hello", "{parts:?}");
    }
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

/// There may be any number of fragments.
#[tokio::test]
async fn rfc_5_4_a_message_may_have_a_thousand_fragments() {
    let (_cloud, mut raw) = open().await;
    raw.write(&[frame(0x01, b"x"), frame(0x00, b"x").repeat(998), frame(0x80, b"x")].concat()).await;
    assert_eq!(raw.read_frame().await, (0x81, vec![b'x'; 1_000]));
}

/// Control frames may appear in the middle of a fragmented message, and an endpoint MUST handle them there.
#[tokio::test]
async fn rfc_5_4_control_frames_within_a_message_are_handled_at_once() {
    let (cloud, mut raw) = open().await;
    raw.frame(0x01, b"Hel").await;
    raw.frame(0x89, b"are you there?").await;
    assert_eq!(raw.read_frame().await, (0x8a, b"are you there?".to_vec()));
    raw.frame(0x8a, b"unasked").await;
    raw.frame(0x80, b"lo").await;
    assert_eq!(raw.read_frame().await, (0x81, b"Hello".to_vec()));
    assert_eq!(cloud.event("ws-message").await["body"], "Hello");
}

/// A close frame within a message ends the socket, and the message is dropped.
#[tokio::test]
async fn rfc_5_4_a_close_within_a_message_drops_the_message() {
    let close = frame(0x88, &1000_u16.to_be_bytes());
    fail_the_connection(&[("", [frame(0x01, b"Hel"), close].concat(), 1000)]).await;
}

/// A continuation frame needs a message that it continues.
#[tokio::test]
async fn rfc_5_4_a_continuation_of_nothing_fails_the_connection() {
    fail_the_connection(&[
        ("the last one", frame(0x80, b"x"), 1002),
        ("one in the middle", frame(0x00, b"x"), 1002),
        ("one behind a ping", [frame(0x8a, b""), frame(0x80, b"x")].concat(), 1002),
    ])
    .await;
}

/// A message that is over cannot be continued.
#[tokio::test]
async fn rfc_5_4_a_continuation_of_a_finished_message_fails_the_connection() {
    let (cloud, mut raw) = open().await;
    raw.frame(0x81, b"whole").await;
    assert_eq!(raw.read_frame().await.1, b"whole");
    raw.frame(0x80, b"more").await;
    assert_eq!(raw.close_code().await, 1002);
    assert_eq!(crate::disconnect_code(&cloud).await, 1002);
}

/// The fragments of one message MUST NOT be mixed with those of another.
#[tokio::test]
async fn rfc_5_4_a_new_message_within_another_fails_the_connection() {
    fail_the_connection(&[
        ("a whole text", [frame(0x01, b"x"), frame(0x81, b"y")].concat(), 1002),
        ("the begin of a text", [frame(0x01, b"x"), frame(0x00, b"y"), frame(0x01, b"z")].concat(), 1002),
        ("a binary", [frame(0x01, b"x"), frame(0x82, b"y")].concat(), 1002),
    ])
    .await;
}
