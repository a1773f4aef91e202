//! The shutdown of the gateway itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::{Builder, within};

#[tokio::test]
async fn all_sockets_are_closed_with_1001_and_every_disconnect_runs_to_its_end() {
    let builder = Builder::new().function("ws-disconnect", |_| async {
        tokio::task::yield_now().await;
        Ok(json!({ "statusCode": 200 }))
    });
    let cloud = builder.start().await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(cloud.socket().await);
    }
    cloud.shutdown.cancel();
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, (1001, "Going away".to_owned()));
    }
    drop(sockets);
    let public = cloud.public;
    within(cloud.server).await.expect("it stops");
    assert!(TcpStream::connect(public).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_running_request_is_finished_and_later_ones_are_not_taken() {
    let release = Arc::new(Notify::new());
    let released = Arc::clone(&release);
    let builder = Builder::new().http("GET", "/live-chat/slow", "slow").function("slow", move |_| {
        let released = Arc::clone(&released);
        async move {
            released.notified().await;
            Ok(json!({ "done": true }))
        }
    });
    let cloud = builder.start().await;
    let running = tokio::spawn(reqwest::get(format!("http://{}/live-chat/slow", cloud.public)));
    cloud.event("slow").await;
    cloud.shutdown.cancel();
    release.notify_one();
    let response = within(running).await.expect("the task ends").expect("the request is answered");
    assert_eq!(within(response.text()).await.expect("a body"), r#"{"done":true}"#);
    within(cloud.server).await.expect("it stops");
}

#[tokio::test]
async fn a_request_that_does_not_end_does_not_hold_the_shutdown_for_ever() {
    let builder = Builder::new().http("GET", "/live-chat/slow", "slow").function("slow", |_| std::future::pending());
    let cloud = builder.limits(|limits| limits.shutdown = Duration::from_millis(200)).start().await;
    let running = tokio::spawn(reqwest::get(format!("http://{}/live-chat/slow", cloud.public)));
    cloud.event("slow").await;
    let begun = Instant::now();
    cloud.shutdown.cancel();
    within(cloud.server).await.expect("it stops");
    assert!(begun.elapsed() < Duration::from_secs(3), "it took {:?}", begun.elapsed());
    running.abort();
}
