//! Section 5.6: text and binary.

use crate::raw::frame;
use crate::{fail_the_connection, open};

/// Text is UTF-8, of any script, and arrives as it was sent.
#[tokio::test]
async fn rfc_5_6_text_arrives_as_it_was_sent() {
    let (cloud, mut raw) = open().await;
    for text in ["Hello", "é 🎯 漢字 \u{0} \u{feff}", "{\"type\":\"message\"}", "\"\\\r\n"] {
        raw.frame(0x81, text.as_bytes()).await;
        assert_eq!(cloud.event("ws-message").await["body"], text);
        assert_eq!(raw.read_frame().await, (0x81, text.as_bytes().to_vec()));
    }
}

/// A message may be empty.
#[tokio::test]
async fn rfc_5_6_an_empty_text_is_a_message() {
    let (cloud, mut raw) = open().await;
    raw.frame(0x81, b"").await;
    assert_eq!(cloud.event("ws-message").await["body"], "");
}

/// Binary is arbitrary data for the application.
/// AWS: incoming binary is not supported: a binary message closes with 1003 (7.4.1).
#[tokio::test]
async fn rfc_5_6_binary_closes_with_1003() {
    fail_the_connection(&[
        ("one frame", frame(0x82, &[0, 0xff]), 1003),
        ("an empty one", frame(0x82, b""), 1003),
        ("fragments", [frame(0x02, b"a"), frame(0x80, b"b")].concat(), 1003),
    ])
    .await;
}
