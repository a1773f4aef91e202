//! Section 8.1: text that is not UTF-8 fails the connection with 1007, as soon as that is detected.

use crate::raw::frame;
use crate::{fail_the_connection, open};

/// Byte sequences that are not UTF-8, each in a text of one frame.
#[tokio::test]
async fn rfc_8_1_text_that_is_no_utf_8_closes_with_1007() {
    fail_the_connection(&[
        ("bytes that never occur", frame(0x81, &[0xff, 0xfe]), 1007),
        ("a continuation byte alone", frame(0x81, b"a\x80"), 1007),
        ("an overlong slash", frame(0x81, &[0xc0, 0xaf]), 1007),
        ("an overlong NUL", frame(0x81, &[0xe0, 0x80, 0x80]), 1007),
        ("a surrogate", frame(0x81, &[0xed, 0xa0, 0x80]), 1007),
        ("beyond U+10FFFF", frame(0x81, &[0xf4, 0x90, 0x80, 0x80]), 1007),
        ("a character that is cut off", frame(0x81, &[b'a', 0xf0, 0x9f, 0x8e]), 1007),
    ])
    .await;
}

/// Text that is not UTF-8 as a whole is invalid, however it is fragmented.
#[tokio::test]
async fn rfc_8_1_fragments_that_are_no_utf_8_together_close_with_1007() {
    let euro = [0xe2, 0x82, 0xac];
    fail_the_connection(&[
        ("in the last fragment", [frame(0x01, b"good"), frame(0x80, &[0xff])].concat(), 1007),
        ("in the first fragment, before the last came", frame(0x01, &[0xff]), 1007),
        ("a character that is never finished", [frame(0x01, &euro[..2]), frame(0x80, b"")].concat(), 1007),
        ("a character that is finished wrongly", [frame(0x01, &euro[..2]), frame(0x80, b"x")].concat(), 1007),
        ("a surrogate in halves", [frame(0x01, &[0xed]), frame(0x80, &[0xa0, 0x80])].concat(), 1007),
    ])
    .await;
}

/// A fragment may end in the middle of a character.
#[tokio::test]
async fn rfc_8_1_a_character_may_be_cut_between_fragments() {
    let (cloud, mut raw) = open().await;
    let text = "é🎯漢";
    for byte in text.bytes().enumerate() {
        let first = if byte.0 == 0 { 0x01 } else { 0x00 };
        raw.frame(first, &[byte.1]).await;
    }
    raw.frame(0x80, b"").await;
    assert_eq!(cloud.event("ws-message").await["body"], text);
}

/// The reason of a close frame is text as well.
#[tokio::test]
async fn rfc_8_1_a_reason_that_is_no_utf_8_closes_with_1007() {
    fail_the_connection(&[("", frame(0x88, b"\x03\xe8\xff"), 1007)]).await;
}
