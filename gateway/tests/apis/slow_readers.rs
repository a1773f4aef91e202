//! A client that does not read harms only itself.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::raw::{Raw, frame};
use crate::support::{Builder, Cloud, connection_id, within};
use crate::way::Way;

/// Opens a socket that is never read, and posts to it until its queue is full.
async fn stuck_reader(cloud: &Cloud) -> (Raw, String) {
    let raw = Raw::open(cloud.websocket).await;
    let id = connection_id(&cloud.event("ws-connect").await);
    cloud.post_until_full(&id).await;
    (raw, id)
}

#[tokio::test]
async fn fidelity_47_a_full_queue_is_429_at_once_and_harms_nobody_else() {
    for way in Way::BOTH {
        let mut cloud = Builder::new().start().await;
        // Posts over the port leave the socket's writer the time to fill the network as well.
        let (_raw, id) = stuck_reader(&cloud).await;
        cloud.way = way;
        let mut other = cloud.socket().await;
        let begun = Instant::now();
        for number in 0..50 {
            let refused = cloud.management(reqwest::Method::POST, &id, &"x".repeat(100 * 1024)).await;
            assert_eq!(refused.status(), 429);
            assert_eq!(refused.headers()["x-amzn-errortype"], "LimitExceededException");
            assert_eq!(cloud.post(&other.id, &number.to_string()).await, 200);
            assert_eq!(other.text().await, number.to_string());
        }
        // A post that waited for the reader would wait until its socket is closed.
        assert!(begun.elapsed() < Duration::from_secs(20), "100 posts took {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_reader_that_catches_up_gets_every_frame_that_was_taken() {
    let cloud = Builder::new().start().await;
    let mut raw = Raw::open(cloud.websocket).await;
    let id = connection_id(&cloud.event("ws-connect").await);
    let taken = cloud.post_until_full(&id).await;
    for number in 0..taken {
        let (first, payload) = raw.read_frame().await;
        assert!(first == 0x81 && payload.starts_with(format!("{number} ").as_bytes()));
    }
    assert_eq!(cloud.post(&id, "again").await, 200);
    assert_eq!(raw.read_frame().await.1, b"again");
}

#[tokio::test]
async fn empty_frames_fill_a_queue_as_well() {
    let cloud = Builder::new().limits(|limits| limits.outgoing_bytes = 4 * 1024).start().await;
    let (_raw, id) = stuck_reader(&cloud).await;
    let connection = cloud.apis.connections().get(&id).expect("it is open");
    let taken = (0..1_000).take_while(|_| connection.post("".into()).is_ok()).count();
    assert!(taken <= 64, "{taken} empty frames were queued");
}

#[tokio::test]
async fn a_stuck_reader_can_be_deleted_and_disconnect_hears_of_it() {
    let cloud = Builder::new().limits(|limits| limits.closing = Duration::from_millis(100)).start().await;
    let (_raw, id) = stuck_reader(&cloud).await;
    assert_eq!(cloud.management(reqwest::Method::DELETE, &id, "").await.status(), 204);
    let event = cloud.event("ws-disconnect").await;
    assert_eq!(connection_id(&event), id);
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1000);
}

#[tokio::test]
async fn a_stuck_reader_does_not_delay_the_shutdown() {
    let cloud = Builder::new().limits(|limits| limits.closing = Duration::from_millis(100)).start().await;
    let (_raw, id) = stuck_reader(&cloud).await;
    let mut other = cloud.socket().await;
    let begun = Instant::now();
    cloud.shutdown.cancel();
    assert_eq!(other.closed().await.0, 1001);
    let ended = [cloud.event("ws-disconnect").await, cloud.event("ws-disconnect").await];
    assert!(ended.iter().any(|event| connection_id(event) == id));
    within(cloud.server).await.expect("it stops");
    assert!(begun.elapsed() < Duration::from_secs(4), "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_sender_that_does_not_read_its_own_answers_is_closed() {
    let answer = json!({ "statusCode": 200, "body": "x".repeat(100 * 1024) });
    let builder = Builder::new().function("ws-message", move |_| std::future::ready(Ok(answer.clone())));
    let builder = builder.limits(|limits| {
        limits.stuck_answer = Duration::from_millis(100);
        limits.closing = Duration::from_millis(100);
    });
    let cloud = builder.start().await;
    let mut raw = Raw::open(cloud.websocket).await;
    let id = connection_id(&cloud.event("ws-connect").await);
    for _ in 0..1_000 {
        raw.frame(0x81, b"more").await;
        if cloud.apis.connections().get(&id).is_none() {
            break;
        }
    }
    assert_eq!(connection_id(&cloud.event("ws-disconnect").await), id);
}

#[tokio::test]
async fn a_client_that_asks_for_pongs_and_does_not_read_them_is_cut_off_at_the_next_push() {
    let cloud = Builder::new().start().await;
    let mut raw = Raw::open(cloud.websocket).await;
    let id = connection_id(&cloud.event("ws-connect").await);
    // More pongs than all buffers between the gateway and the client can hold.
    let pings = frame(0x89, &[b'x'; 125]).repeat(8_000);
    for _ in 0..32 {
        raw.write(&pings).await;
    }
    let mut other = cloud.socket().await;
    for number in 0..20 {
        assert_eq!(cloud.post(&other.id, &number.to_string()).await, 200);
        assert_eq!(other.text().await, number.to_string());
    }
    // Longer than a pong, which is what the full buffer may still have room for.
    assert_eq!(cloud.post(&id, &"a push".repeat(200)).await, 200);
    let event = cloud.event("ws-disconnect").await;
    assert_eq!((connection_id(&event), &event["requestContext"]["disconnectStatusCode"]), (id, &json!(1006)));
}
