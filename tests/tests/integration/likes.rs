//! Likes count exactly once, until they are taken back.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::rest::User;
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

#[tokio::test]
async fn a_like_of_the_session_is_taken_back_once_and_can_be_given_again() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    for user in [&ann, &bob] {
        user.post("like").await.ok();
    }
    let first = ann.delete("like").await.ok();
    assert_eq!(first, json!({"message": "Session like removed", "total_likes": 1, "was_liked": true}));
    let again = ann.delete("like").await.ok();
    assert_eq!(again, json!({"message": "Session was not liked", "total_likes": 1, "was_liked": false}));
    let likes = async |user: &User| {
        let likes = user.get("likes").await.ok();
        (likes["total_likes"].as_u64().unwrap(), likes["user_liked"].as_bool().unwrap())
    };
    assert_eq!((likes(&ann).await, likes(&bob).await), ((1, false), (1, true)));
    assert_eq!(ann.post("like").await.ok()["already_liked"], false);
    assert_eq!(likes(&ann).await, (2, true));
    assert_eq!(ann.delete("like?session_id=2").await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_like_of_a_message_is_taken_back_once_and_can_be_given_again() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    ann.send("like me").await.ok();
    for user in [&ann, &bob] {
        user.post("like-message/100000001").await.ok();
    }
    let answer = |message: &str, was_liked: bool| json!({"message": message, "likes": 1, "was_liked": was_liked, "message_id": 100_000_001});
    let path = "like-message/100000001";
    assert_eq!(ann.delete(path).await.ok(), answer("Message like removed", true));
    assert_eq!(ann.delete(path).await.ok(), answer("Message was not liked", false));
    assert_eq!(ann.post(path).await.ok()["likes"], 2);
    for id in ["100000002", "200000001", "1", "9007199254740991"] {
        assert_eq!(ann.delete(&format!("like-message/{id}")).await.problem(), (404, "not_found".to_owned()), "{id}");
    }
    assert_eq!(ann.delete("like-message/x").await.problem(), (400, "invalid_request".to_owned()));
    ann.delete("messages/100000001").await.ok();
    for user in [&ann, &world.user("eve")] {
        assert_eq!(user.delete(path).await.problem(), (404, "not_found".to_owned()), "it was deleted");
    }
}

#[tokio::test]
async fn likes_that_come_and_go_at_once_leave_as_many_as_there_are() {
    let world = World::start().await;
    world.user("ann").send("like me").await.ok();
    let users: Vec<_> = (0..20).map(|i| world.user(&format!("user{i}"))).collect();
    for path in ["like", "like-message/100000001"] {
        join_all(users.iter().map(|user| user.post(path))).await;
        let (leaving, staying) = users.split_at(12);
        let taken_back =
            join_all(leaving.iter().flat_map(|user| [user.delete(path), user.delete(path), user.delete(path)]));
        let repeated = join_all(staying.iter().map(|user| user.post(path)));
        let (taken_back, repeated) = tokio::join!(taken_back, repeated);
        let of_each = taken_back.into_iter().filter(|answer| answer.json["was_liked"] == true).count();
        assert_eq!(of_each, leaving.len(), "{path}: each like is taken back once");
        assert!(repeated.into_iter().all(|answer| answer.ok()["already_liked"] == true));
    }
    assert_eq!(users[0].get("likes").await.ok()["total_likes"], 8);
    assert_eq!(users[0].get("messages").await.ok()["messages"][0]["likes"], 8);
}

#[tokio::test]
async fn a_like_whose_taking_back_loses_its_answer_sinks_the_count_once() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    ann.send("like me").await.ok();
    for (user, path) in
        [(&ann, "like"), (&bob, "like"), (&ann, "like-message/100000001"), (&bob, "like-message/100000001")]
    {
        user.post(path).await.ok();
    }
    for path in ["like", "like-message/100000001"] {
        let mut is_first = true;
        proxy.judge(move |request| {
            let is_unlike = request.operation == "TransactWriteItems" && request.body.contains("Delete");
            if is_unlike && std::mem::take(&mut is_first) { Fate::CutAfter } else { Fate::Pass }
        });
        let answer = ann.delete(path).await.ok();
        let likes = &answer[if path == "like" { "total_likes" } else { "likes" }];
        assert_eq!((&answer["was_liked"], likes), (&json!(true), &json!(1)), "{path}");
    }
}

#[tokio::test]
async fn everybody_hears_of_likes_that_were_taken_back() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut socket = bob.connect().await;
    ann.send("like me").await.ok();
    socket.until_messages(1).await;
    let frames =
        [("like", "session_like_update", "total_likes"), ("like-message/100000001", "message_like_update", "likes")];
    for (path, kind, counter) in frames {
        ann.post(path).await.ok();
        socket.wait_for("the like", |event| event["type"] == kind && event[counter] == 1).await;
        ann.delete(path).await.ok();
        socket.wait_for("no like", |event| event["type"] == kind && event[counter] == 0).await;
    }
    assert_eq!(socket.ask(&json!({"type": "ping"})).await["total_likes"], 0);
}

fn liked(page: &Value) -> Vec<(u64, bool)> {
    let messages = page["messages"].as_array().expect("a list").iter();
    messages
        .map(|one| (one["seq"].as_u64().expect("a seq"), one["user_liked"].as_bool().expect("user_liked")))
        .collect()
}

#[tokio::test]
async fn a_page_says_which_of_its_messages_the_caller_likes() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    for text in ["one", "two", "three", "four"] {
        ann.send(text).await.ok();
    }
    for (user, seq) in [(&ann, 1), (&ann, 3), (&bob, 2), (&bob, 4)] {
        user.post(&format!("like-message/{}", 100_000_000 + seq)).await.ok();
    }
    assert_eq!(liked(&ann.get("messages?mine=true").await.ok()), [(1, true), (2, false), (3, true), (4, false)]);
    assert_eq!(liked(&bob.get("messages?mine=true&limit=2").await.ok()), [(3, false), (4, true)]);
    assert_eq!(liked(&world.user("eve").get("messages?mine=true&limit=1").await.ok()), [(4, false)]);
    ann.delete("like-message/100000003").await.ok();
    assert_eq!(liked(&ann.get("messages?mine=true&after=100000002").await.ok()), [(3, false), (4, false)]);
    for query in ["", "?mine=false"] {
        let page = ann.get(&format!("messages{query}")).await.ok();
        assert!(page["messages"][0].get("user_liked").is_none(), "{page}");
    }
    for mine in ["1", "TRUE", "", "yes"] {
        let refused = ann.get(&format!("messages?mine={mine}")).await.problem();
        assert_eq!(refused, (400, "invalid_request".to_owned()), "{mine:?}");
    }
}
