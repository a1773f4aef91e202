//! Sections 5.1, 5.2, 5.3 and 5.7: masks, reserved bits and opcodes, lengths, and the RFC's own examples.

use tokio::io::AsyncReadExt;

use crate::raw::{frame, frame_of_length, masked_frame};
use crate::support::within;
use crate::{fail_the_connection, open};

/// A server MUST close the connection upon receiving a frame that is not masked; it may say 1002.
#[tokio::test]
async fn rfc_5_1_an_unmasked_frame_fails_the_connection() {
    fail_the_connection(&[
        ("a text", vec![0x81, 1, b'x'], 1002),
        ("an empty text", vec![0x81, 0], 1002),
        ("a ping", vec![0x89, 0], 1002),
        ("a close", vec![0x88, 2, 3, 0xe8], 1002),
        ("one behind a masked ping", [frame(0x8a, b""), vec![0x81, 1, b'x']].concat(), 1002),
    ])
    .await;
}

/// An unmasked frame is detected by its second byte: the server does not wait for its payload.
#[tokio::test]
async fn rfc_5_1_an_unmasked_frame_fails_before_its_payload_came() {
    fail_the_connection(&[("the head of 1,000 bytes", vec![0x81, 126, 3, 0xe8], 1002)]).await;
}

/// A server MUST NOT mask any frames that it sends.
#[tokio::test]
async fn rfc_5_1_frames_of_the_server_are_not_masked() {
    let (_cloud, mut raw) = open().await;
    let mut read = async |sent: &[u8], expected: &[u8]| {
        raw.write(sent).await;
        let mut got = vec![0; expected.len()];
        within(raw.stream.read_exact(&mut got)).await.expect("as many bytes");
        assert_eq!(got, expected);
    };
    read(&frame(0x81, b"Hello"), b"\x81\x05Hello").await;
    read(&frame(0x89, b"Hello"), b"\x8a\x05Hello").await;
    read(&frame(0x88, &1000_u16.to_be_bytes()), b"\x88\x02\x03\xe8").await;
}

/// RSV1, RSV2 and RSV3 MUST be 0 unless an extension gives them a meaning.
#[tokio::test]
async fn rfc_5_2_a_reserved_bit_fails_the_connection() {
    let cases = [0xc1_u8, 0xa1, 0x91, 0xf1, 0xc9, 0xa8, 0x90 | 0x0a].map(|first| ("", frame(first, b""), 1002));
    fail_the_connection(&cases).await;
}

/// Opcodes 3 to 7 and 11 to 15 are reserved: an unknown opcode fails the connection.
#[tokio::test]
async fn rfc_5_2_a_reserved_opcode_fails_the_connection() {
    let cases: Vec<_> = (3..8).chain(11..16).map(|opcode| ("", frame(0x80 | opcode, b"x"), 1002)).collect();
    fail_the_connection(&cases).await;
}

/// A payload's length is 7 bits up to 125, then 16 bits, then 64 bits.
#[tokio::test]
async fn rfc_5_2_lengths_of_7_and_16_bits_are_read_and_written() {
    let (_cloud, mut raw) = open().await;
    for length in [1, 125, 126, 127, 128, 255, 256, 32 * 1024] {
        let payload = vec![b'x'; length];
        raw.frame(0x81, &payload).await;
        assert_eq!(raw.read_frame().await, (0x81, payload), "{length}");
    }
}

/// A length of 64 bits is read as well.
/// AWS: a frame of more than 32 KB closes with 1009, so no length that needs 64 bits passes; larger frames go out only.
#[tokio::test]
async fn rfc_5_2_lengths_of_64_bits_are_written_and_close_with_1009_where_they_are_read() {
    fail_the_connection(&[("64 KB", frame(0x81, &vec![b'x'; 64 * 1024]), 1009)]).await;
    let (cloud, mut raw) = open().await;
    let id = crate::support::connection_id(&cloud.event("ws-connect").await);
    let long = "x".repeat(65_536);
    assert_eq!(cloud.post(&id, &long).await, 200);
    assert_eq!(raw.read_frame().await, (0x81, long.into_bytes()));
}

/// The minimal number of bytes MUST be used to encode the length.
#[tokio::test]
async fn rfc_5_2_a_length_with_more_bytes_than_it_needs_fails_the_connection() {
    let of = |length: &[u8], payload: &[u8]| frame_of_length(0x81, length, [0; 4], payload);
    let long = |length: u64| [&[127], length.to_be_bytes().as_slice()].concat();
    fail_the_connection(&[
        ("5 in 16 bits", of(&[126, 0, 5], b"Hello"), 1002),
        ("125 in 16 bits", of(&[126, 0, 125], &[b'x'; 125]), 1002),
        ("5 in 64 bits", of(&long(5), b"Hello"), 1002),
        ("65,535 in 64 bits", of(&long(65_535), b""), 1002),
    ])
    .await;
}

/// The most significant bit of a 64-bit length MUST be 0.
#[tokio::test]
async fn rfc_5_2_a_64_bit_length_with_its_top_bit_set_fails_the_connection() {
    let of = |length: u64| frame_of_length(0x81, &[&[127], length.to_be_bytes().as_slice()].concat(), [0; 4], b"");
    fail_the_connection(&[
        ("the top bit alone", of(1 << 63), 1002),
        ("all bits", of(u64::MAX), 1002),
        ("all other bits: a size that is merely too large", of(u64::MAX >> 1), 1009),
    ])
    .await;
}

/// A frame may arrive in any pieces.
#[tokio::test]
async fn rfc_5_2_a_frame_may_come_byte_by_byte_and_two_at_once() {
    let (_cloud, mut raw) = open().await;
    for byte in masked_frame(0x81, [1, 2, 3, 4], &[b'x'; 200]) {
        raw.write(&[byte]).await;
    }
    assert_eq!(raw.read_frame().await, (0x81, vec![b'x'; 200]));
    raw.write(&[frame(0x81, b"one"), frame(0x89, b"two")].concat()).await;
    let mut got = [raw.read_frame().await, raw.read_frame().await];
    got.sort();
    assert_eq!(got, [(0x81, b"one".to_vec()), (0x8a, b"two".to_vec())]);
}

/// Octet i of the payload is XORed with octet i modulo 4 of the mask, whatever the length, and each frame has its mask.
#[tokio::test]
async fn rfc_5_3_each_frame_is_unmasked_with_its_own_mask() {
    let (_cloud, mut raw) = open().await;
    let text = b"The quick brown fox";
    for length in 1..text.len() {
        let mask = [0x37, 0xfa ^ length as u8, 0x21, 0x3d];
        raw.write(&masked_frame(0x81, mask, &text[..length])).await;
        assert_eq!(raw.read_frame().await, (0x81, text[..length].to_vec()));
    }
}

/// The examples: a masked "Hello", the same in two fragments, and a ping with its pong.
#[tokio::test]
async fn rfc_5_7_the_examples_of_the_rfc_are_understood() {
    let (_cloud, mut raw) = open().await;
    raw.write(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]).await;
    assert_eq!(raw.read_frame().await, (0x81, b"Hello".to_vec()));
    raw.write(&[0x01, 0x83, 0, 0, 0, 0, 0x48, 0x65, 0x6c, 0x80, 0x82, 0, 0, 0, 0, 0x6c, 0x6f]).await;
    assert_eq!(raw.read_frame().await, (0x81, b"Hello".to_vec()));
    raw.write(&[0x89, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]).await;
    assert_eq!(raw.read_frame().await, (0x8a, b"Hello".to_vec()));
}
