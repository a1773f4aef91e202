//! RFC 6455 against the WebSocket API, section by section, over raw TCP: without a library between the test and the bytes.
//!
//! A test's name begins with the section's number; its doc comment states the RFC's requirement, and a line `AWS:` how API
//! Gateway differs, in which case the gateway does the same. `.ci/rfc6455` generates docs/rfc6455.md from both and from a run.

#[allow(dead_code, reason = "the harness of the API tests, of which this suite needs a part")]
#[path = "../apis/raw.rs"]
mod raw;
#[allow(dead_code, reason = "the harness of the API tests, of which this suite needs a part")]
#[path = "../apis/support/mod.rs"]
mod support;
#[allow(dead_code, reason = "likewise")]
#[path = "../apis/way.rs"]
mod way;

mod section_10;
mod section_4_client;
mod section_4_server;
mod section_5_control;
mod section_5_data;
mod section_5_fragments;
mod section_5_framing;
mod section_7;
mod section_7_codes;
mod section_8;

use serde_json::{Value, json};

use raw::Raw;
use support::{Answer, Builder, Cloud};

/// Echoes a message's text.
async fn echo(event: Value) -> Answer {
    Ok(json!({ "statusCode": 200, "body": event["body"] }))
}

/// A gateway that echoes.
async fn start() -> Cloud {
    Builder::new().function("ws-message", echo).start().await
}

/// An open socket of a gateway that echoes.
async fn open() -> (Cloud, Raw) {
    let cloud = start().await;
    let raw = Raw::open(cloud.websocket).await;
    (cloud, raw)
}

/// Sends each of these on a separate socket: the server must close it with the code, end the connection, and pass the same code
/// to `$disconnect`, and no message may reach a function.
async fn fail_the_connection(cases: &[(&str, Vec<u8>, u16)]) {
    let cloud = start().await;
    for (what, bytes, code) in cases {
        let mut raw = Raw::open(cloud.websocket).await;
        raw.write(bytes).await;
        assert_eq!(raw.close_code().await, *code, "{what}");
        assert!(raw.is_finished().await, "{what}: the connection is ended in order");
        assert_eq!(disconnect_code(&cloud).await, u64::from(*code), "{what}");
    }
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

/// The close code in the next `$disconnect` event.
async fn disconnect_code(cloud: &Cloud) -> u64 {
    let event = cloud.event("ws-disconnect").await;
    event["requestContext"]["disconnectStatusCode"].as_u64().expect("a number")
}
