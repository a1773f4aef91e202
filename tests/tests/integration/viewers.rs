//! Viewers are distinct users who were seen, and nobody else.

use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

async fn count(observer: &User) -> Value {
    observer.get("viewers").await.ok()["viewer_count"].clone()
}

#[tokio::test]
async fn two_tabs_are_one_viewer_and_closing_one_changes_nothing() {
    let world = World::start().await;
    let (ann, observer) = (world.user("ann"), world.user("observer"));
    assert_eq!(count(&observer).await, 1, "who polls is a viewer");
    let (first, mut second) = (ann.connect().await, ann.connect().await);
    assert_eq!(count(&observer).await, 2);
    first.close(1000).await;
    second.ask(&json!({"type": "ping"})).await;
    assert_eq!(count(&observer).await, 2);
    let mut watching = observer.connect().await;
    second.close(1000).await;
    watching
        .wait_for("ann's leaving", |event| event["type"] == "viewer_count_update" && event["viewer_count"] == 1)
        .await;
    assert_eq!(count(&observer).await, 1);
}

#[tokio::test]
async fn reconnecting_and_polling_before_connecting_are_harmless() {
    let world = World::start().await;
    let ann = world.user("ann");
    ann.get("status").await.ok();
    ann.get("stats").await.ok();
    for _ in 0..3 {
        let mut socket = ann.connect().await;
        assert_eq!(socket.say("here again").await["type"], "ack");
        socket.close(1001).await;
    }
    let mut socket = ann.connect().await;
    assert_eq!(socket.ask(&json!({"type": "ping"})).await["viewer_count"], 1);
}

#[tokio::test]
async fn a_viewer_who_only_polled_is_forgotten_after_the_timeout() {
    let world = World::with(&[("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", "300")]).await;
    let (ann, observer) = (world.user("ann"), world.user("observer"));
    ann.get("viewers").await.ok();
    assert_eq!(count(&observer).await, 2);
    world.pass(200);
    assert_eq!(count(&observer).await, 2);
    world.housekeep().await;
    assert_eq!(count(&observer).await, 2, "ann was seen 200 s ago");
    world.pass(101);
    world.housekeep().await;
    assert_eq!(count(&observer).await, 1, "ann was seen 301 s ago, the observer just now");
}

#[tokio::test]
async fn a_silent_socket_keeps_its_viewer_while_it_is_open() {
    let world = World::start().await;
    let (ann, observer) = (world.user("ann"), world.user("observer"));
    let socket = ann.connect().await;
    world.pass(400);
    world.housekeep().await;
    assert_eq!(count(&observer).await, 2, "API Gateway still reports the socket as open");
    socket.close(1000).await;
    let mut watching = observer.connect().await;
    watching.wait_for("ann's leaving", |event| event["viewer_count"] == 1).await;
}

#[tokio::test]
async fn an_eleventh_socket_of_one_user_is_refused() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(ann.connect().await);
    }
    assert_eq!(ann.try_to_connect("1").await.err(), Some(429));
    assert_eq!(world.user("bob").try_to_connect("1").await.err(), None);
    let mut watching = sockets.pop().unwrap();
    sockets.pop().unwrap().close(1000).await;
    // The place is free when its close has been worked off, which the next answer of another socket does not prove.
    while ann.try_to_connect("1").await.is_err() {
        watching.ask(&json!({"type": "ping"})).await;
    }
}

#[tokio::test]
async fn viewers_are_told_when_they_change() {
    let world = World::start().await;
    let mut ann = world.user("ann").connect().await;
    ann.wait_for("oneself", |event| event["type"] == "viewer_count_update" && event["viewer_count"] == 1).await;
    let bob = world.user("bob").connect().await;
    ann.wait_for("bob", |event| event["viewer_count"] == 2).await;
    bob.close(1000).await;
    ann.wait_for("bob's leaving", |event| event["viewer_count"] == 1).await;
}

#[tokio::test]
async fn a_quiet_room_hears_the_viewers_again_before_the_gateway_cuts_it() {
    let world = World::start().await;
    let mut ann = world.user("ann").connect().await;
    ann.wait_for("oneself", |event| event["type"] == "viewer_count_update").await;
    world.pass(6 * 60);
    world.housekeep().await;
    world.pass(60);
    world.housekeep().await;
    let again = ann.next("viewer_count_update").await;
    assert_eq!(again["viewer_count"], 1);
    let told = ann.events.iter().filter(|event| event["type"] == "viewer_count_update").count();
    assert_eq!(told, 2, "not before seven minutes: {:?}", ann.events);
}
