//! Section 10: protection of the server itself.

use tokio::io::AsyncReadExt;

use crate::raw::{Raw, frame, frame_of_length};
use crate::support::{Builder, within};
use crate::{fail_the_connection, open, start};

/// The server accepts only a valid handshake, which a form or a script of another site cannot produce (10.1, 10.3).
#[tokio::test]
async fn rfc_10_3_a_posted_form_cannot_open_a_socket() {
    let cloud = start().await;
    let mut raw = Raw::connect(cloud.websocket).await;
    let body = "GET /prod HTTP/1.1&Upgrade=websocket";
    let head = format!("POST /prod HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    raw.write(head.as_bytes()).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 426 "));
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

/// An implementation has limits for the size of a frame.
/// AWS: 32 KB; a larger frame closes with 1009, as soon as its length is known.
#[tokio::test]
async fn rfc_10_4_a_frame_over_32_kb_closes_with_1009() {
    let announced = |bytes: u64| frame_of_length(0x81, &[&[127], bytes.to_be_bytes().as_slice()].concat(), [0; 4], b"");
    fail_the_connection(&[
        ("32 KB and one byte, announced", frame_of_length(0x81, &[126, 0x80, 0x01], [0; 4], b""), 1009),
        ("32 KB and one byte, sent", frame(0x81, &vec![b'x'; 32 * 1024 + 1]), 1009),
        ("a terabyte, announced", announced(1 << 40), 1009),
    ])
    .await;
}

/// An implementation has limits for the size of a message after reassembly.
/// AWS: 128 KB; a larger message closes with 1009.
#[tokio::test]
async fn rfc_10_4_a_message_over_128_kb_closes_with_1009() {
    let part = [b'x'; 32 * 1024];
    let full = [frame(0x01, &part), frame(0x00, &part).repeat(2)].concat();
    let (cloud, mut raw) = open().await;
    raw.write(&[full.clone(), frame(0x80, &part)].concat()).await;
    assert_eq!(cloud.event("ws-message").await["body"].as_str().map(str::len), Some(128 * 1024));
    let over = [full, frame(0x00, &part), frame(0x80, b"y")].concat();
    fail_the_connection(&[("", over, 1009)]).await;
}

/// Data from a client is not trusted: frames of noise end their own socket, never the server.
#[tokio::test]
async fn rfc_10_7_noise_ends_its_own_socket_alone() {
    let cloud = Builder::new().start().await;
    let mut other = cloud.socket().await;
    // A small generator of its own, so that every run sends the same noise.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..100 {
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .take(64)
        .collect();
        let mut raw = Raw::open(cloud.websocket).await;
        raw.write(&noise).await;
        within(tokio::io::AsyncWriteExt::shutdown(&mut raw.stream)).await.expect("our side ends");
        let _close_frame = within(raw.stream.read_to_end(&mut Vec::new())).await;
    }
    other.send("still here").await;
    loop {
        if cloud.event("ws-message").await["body"] == "still here" {
            break;
        }
    }
}
