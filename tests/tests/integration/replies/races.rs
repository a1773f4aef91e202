//! A parent that goes while its reply is on the way.

use serde_json::{Value, json};
use shared::features::sockets::store_subscribers::Slice;
use tests::proxy::{Fate, Proxy};
use tests::world::World;

use super::{act, gone, reply, say};

/// Deletes a message in one of the ways in which it leaves the room.
async fn take_away(world: &World, way: &str, parent: u64) {
    let act = |action: Value| async move { act(&world.moderator(), action).await };
    match way {
        "delete" => drop(world.user("ann").delete(&format!("messages/{parent}")).await.ok()),
        "purge" => drop(act(json!({"action": "purge", "user_id": "ann"})).await),
        "clear" => drop(act(json!({"action": "clear"})).await),
        _ => unreachable!("{way}"),
    }
}

/// Holds each update whose request names this.
fn hold_updates(proxy: &Proxy, naming: &'static str) {
    proxy.judge(move |request| {
        let is_held = request.operation == "UpdateItem" && request.body.contains(naming);
        if is_held { Fate::Hold } else { Fate::Pass }
    });
}

#[tokio::test]
async fn a_parent_that_goes_between_the_stores_write_and_the_broadcast_is_in_no_frame() {
    for way in ["delete", "purge"] {
        let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
        let (ann, bob, mut viewer) = (world.user("ann"), world.user("bob"), world.user("viewer").connect().await);
        let parent = say(&ann, "secret").await;
        viewer.until_messages(1).await;
        // The reply is stored, and the broadcast waits at its lease.
        hold_updates(&proxy, "cursor#1");
        let answer = reply(&bob, "hi", parent).await.ok()["message_id"].as_u64().expect("an id");
        let lease = proxy.next_held().await;
        take_away(&world, way, parent).await;
        proxy.judge(|_| Fate::Pass);
        lease.release();
        assert_eq!(viewer.message(answer % 100_000_000).await["reply_to"], gone(parent), "{way}");
        assert_eq!(viewer.events.iter().filter(|event| event.to_string().contains("secret")).count(), 1, "{way}");
    }
}

#[tokio::test]
async fn a_parent_that_goes_while_its_reply_is_judged_is_in_no_frame_or_the_reply_is_refused() {
    for way in ["delete", "purge", "clear"] {
        let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
        let (ann, bob, mut viewer) = (world.user("ann"), world.user("bob"), world.user("viewer").connect().await);
        let parent = say(&ann, "secret").await;
        viewer.until_messages(1).await;
        // The parent was seen, and the number is asked for.
        hold_updates(&proxy, "rules_version");
        let sending = tokio::spawn(async move { reply(&bob, "hi", parent).await });
        let number = proxy.next_held().await;
        proxy.judge(|_| Fate::Pass);
        take_away(&world, way, parent).await;
        number.release();
        let sent = sending.await.expect("no panic");
        if way == "delete" {
            let seq = sent.ok()["message_id"].as_u64().expect("an id") % 100_000_000;
            assert_eq!(viewer.message(seq).await["reply_to"], gone(parent));
        } else {
            // The act has changed the rules, so the reply was judged again.
            assert_eq!(sent.problem(), (404, "not_found".to_owned()), "{way}");
        }
    }
}

#[tokio::test]
async fn a_lagging_socket_hears_of_the_deletion_after_whatever_quotes_the_message() {
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &[]).await;
    let (ann, bob, mut viewer) = (world.user("ann"), world.user("bob"), world.user("viewer").connect().await);
    let parent = say(&ann, "secret").await;
    viewer.until_messages(1).await;
    proxy.judge(|request| if request.operation == "POST" { Fate::Answer(429, String::new()) } else { Fate::Pass });
    let answer = reply(&bob, "hi", parent).await.ok()["message_id"].as_u64().expect("an id");
    let store = world.store();
    let is_behind = async {
        while !store.subscribers(1, Slice::ALL).await.expect("a room").iter().any(|socket| socket.is_lagging()) {}
    };
    tests::within("the turn to end with a lagging socket", is_behind).await;
    take_away(&world, "delete", parent).await;
    proxy.judge(|_| Fate::Pass);
    world.housekeep().await;
    viewer.message(answer % 100_000_000).await;
    viewer.wait_for("the deletion", |event| event["type"] == "message_deleted").await;
    say(&bob, "later").await;
    viewer.until_messages(3).await;
    // The frame of the reply may have been made before. Then it comes before that of the deletion.
    let told = viewer.events.iter().position(|event| event["type"] == "message_deleted").expect("it was told");
    assert!(!viewer.events[told..].iter().any(|event| event.to_string().contains("secret")), "{:?}", viewer.events);
    let resumed = viewer.ask(&json!({"type": "resume", "after": 1})).await;
    assert_eq!(resumed["messages"][0]["reply_to"], gone(parent));
}

#[tokio::test]
async fn a_reply_that_is_refused_although_it_was_admitted_leaves_no_wait() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let parent = say(&ann, "secret").await;
    act(&world.moderator(), json!({"action": "set_modes", "modes": {"slow_seconds": 30}})).await;
    hold_updates(&proxy, "rules_version");
    let sender = bob.clone();
    let sending = tokio::spawn(async move { reply(&sender, "hi", parent).await });
    let number = proxy.next_held().await;
    proxy.judge(|_| Fate::Pass);
    take_away(&world, "purge", parent).await;
    number.release();
    assert_eq!(sending.await.expect("no panic").problem(), (404, "not_found".to_owned()));
    bob.send("hi").await.ok();
}
