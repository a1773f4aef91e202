//! Likes count exactly once, and are permanent.

use futures_util::future::join_all;
use serde_json::json;
use tests::world::World;

#[tokio::test]
async fn liking_the_session_counts_once_for_each_user() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let first = ann.post("like").await.ok();
    assert_eq!(first, json!({"message": "Session liked successfully", "total_likes": 1, "already_liked": false}));
    let again = ann.post("like").await.ok();
    assert_eq!(again, json!({"message": "Session already liked", "total_likes": 1, "already_liked": true}));
    assert_eq!(bob.post("like").await.ok()["total_likes"], 2);
    assert_eq!(ann.get("likes").await.ok()["user_liked"], true);
    assert_eq!(world.user("eve").get("likes").await.ok()["user_liked"], false);
}

#[tokio::test]
async fn liking_a_message_counts_once_for_each_user() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    ann.send("like me").await.ok();
    let first = ann.post("like-message/100000001").await.ok();
    assert_eq!(
        first,
        json!({"message": "Message liked successfully", "likes": 1, "already_liked": false, "message_id": 100_000_001})
    );
    let again = ann.post("like-message/100000001").await.ok();
    assert_eq!(
        again,
        json!({"message": "Message already liked", "likes": 1, "already_liked": true, "message_id": 100_000_001})
    );
    assert_eq!(bob.post("like-message/100000001").await.ok()["likes"], 2);
    assert_eq!(ann.get("messages").await.ok()["messages"][0]["likes"], 2);
    for id in ["100000002", "200000001", "1", "9007199254740991"] {
        assert_eq!(ann.post(&format!("like-message/{id}")).await.problem(), (404, "not_found".to_owned()), "{id}");
    }
}

#[tokio::test]
async fn two_hundred_users_who_like_at_once_are_two_hundred_likes() {
    let folder = tempfile::tempdir().expect("a folder");
    let on_disk = |options: &mut gateway::Options| options.data = gateway::Data::Folder(folder.path().to_owned());
    let world = World::start_with(jiff::Timestamp::now(), &[], on_disk).await;
    let users: Vec<_> = (0..200).map(|i| world.user(&format!("user{i}"))).collect();
    let answers = join_all(users.iter().map(|user| user.post("like"))).await;
    for answer in answers {
        assert_eq!(answer.ok()["already_liked"], false);
    }
    assert_eq!(users[0].get("likes").await.ok()["total_likes"], 200);
    world.pass(70);
    world.housekeep().await;
    assert_eq!(users[0].get("likes").await.ok()["total_likes"], 200, "after 70 s");
    assert_eq!(users[0].get("stats").await.ok()["total_likes"], 200);
    world.gateway.stop().await;
    let again = World::start_with(jiff::Timestamp::now(), &[], on_disk).await;
    assert_eq!(again.user("user0").get("likes").await.ok()["total_likes"], 200, "after a restart");
    assert_eq!(again.user("user0").post("like").await.ok()["already_liked"], true);
}

#[tokio::test]
async fn one_user_who_likes_fifty_times_at_once_is_one_like() {
    let world = World::start().await;
    let ann = world.user("ann");
    let answers = join_all((0..50).map(|_| ann.post("like"))).await;
    let counted = answers.into_iter().filter(|answer| answer.json["already_liked"] == false).count();
    assert_eq!(counted, 1);
    assert_eq!(ann.get("likes").await.ok()["total_likes"], 1);
}

#[tokio::test]
async fn a_burst_of_likes_is_told_rarely_and_its_last_value_arrives() {
    let world = World::start().await;
    let mut socket = world.user("viewer").connect().await;
    let users: Vec<_> = (0..60).map(|i| world.user(&format!("user{i}"))).collect();
    let started = std::time::Instant::now();
    join_all(users.iter().map(|user| user.post("like"))).await;
    socket
        .wait_for("the last value", |event| event["type"] == "session_like_update" && event["total_likes"] == 60)
        .await;
    let told = socket.events.iter().filter(|event| event["type"] == "session_like_update").count();
    let most = 2 + started.elapsed().as_millis() / 250;
    assert!(told as u128 <= most, "{told} updates, at most {most} allowed");
    let values: Vec<_> = socket.events.iter().filter_map(|event| event["total_likes"].as_u64()).collect();
    assert!(values.is_sorted(), "{values:?}");
}

#[tokio::test]
async fn a_messages_likes_are_told_to_everybody() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut socket = bob.connect().await;
    ann.send("like me").await.ok();
    bob.post("like-message/100000001").await.ok();
    let update = socket.next("message_like_update").await;
    assert_eq!(update, json!({"type": "message_like_update", "message_id": 100_000_001, "likes": 1}));
}
