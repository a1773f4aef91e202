//! Polls: starting, voting, reading, and their ends.

mod ends;
mod exact;
mod refused;

use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::world::World;

/// Starts a poll with the options Yes, No and Maybe, and whatever else the body says.
async fn start(host: &User, more: &Value) -> Answer {
    let mut body = json!({"question": "Encore?", "options": ["Yes", "No", "Maybe"], "seconds": 60});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    host.call(Method::POST, "polls", Some(body.to_string())).await
}

/// Starts a poll that must be open then; returns its id.
async fn started(host: &User, more: &Value) -> u64 {
    let answer = start(host, more).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json["poll"]["id"].as_u64().expect("an id")
}

async fn vote(user: &User, id: u64, option: u64) -> Answer {
    user.call(Method::POST, &format!("polls/{id}/vote"), Some(json!({"option": option}).to_string())).await
}

async fn close(user: &User, id: u64) -> Answer {
    user.call(Method::POST, &format!("polls/{id}/close"), Some("{}".to_owned())).await
}

/// A poll as a user reads it.
async fn read(user: &User, id: u64) -> Value {
    let list = user.get("polls").await.ok();
    let poll = list["polls"].as_array().expect("a list").iter().find(|poll| poll["id"] == id);
    poll.expect("the poll").clone()
}

/// The votes of a poll's options.
fn votes(poll: &Value) -> Vec<Option<u64>> {
    poll["options"].as_array().expect("options").iter().map(|option| option["votes"].as_u64()).collect()
}

#[tokio::test]
async fn everybody_hears_of_a_poll_and_of_its_votes_and_of_its_result() {
    let world = World::start().await;
    let (hans, ann, bob) = (world.host(), world.user("ann"), world.user("bob"));
    let (mut plain, mut batched) = (ann.connect().await, ann.connect_to("1", "&batch=1").await);
    assert_eq!(plain.ask(&json!({"type": "ping"})).await.get("polls_version"), None, "there never was a poll");
    let answer = start(&hans, &json!({})).await;
    assert_eq!(answer.status, 201);
    let poll = answer.json["poll"].clone();
    assert_eq!((&poll["id"], &poll["state"], &poll["my_vote"]), (&json!(10_001), &json!("open"), &Value::Null));
    for socket in [&mut plain, &mut batched] {
        let frame = socket.next("poll_update").await;
        let mut expected = poll.clone();
        expected.as_object_mut().expect("an object").remove("my_vote");
        assert_eq!((&frame["poll"], &frame["polls_version"]), (&expected, &json!(1)), "the room has no vote");
    }
    let counted = vote(&ann, 10_001, 0).await.ok();
    assert_eq!(counted, json!({"message": "Vote counted", "poll_id": 10_001, "my_vote": 0, "already_voted": false}));
    assert_eq!(vote(&bob, 10_001, 0).await.ok()["message"], "Vote counted");
    assert_eq!(vote(&bob, 10_001, 0).await.ok()["already_voted"], true);
    assert_eq!(vote(&bob, 10_001, 2).await.ok()["message"], "Vote changed");
    for socket in [&mut plain, &mut batched] {
        socket
            .wait_for("both votes", |event| {
                event["type"] == "poll_update" && votes(&event["poll"]) == [Some(1), Some(0), Some(1)]
            })
            .await;
    }
    let status = bob.get("status").await.ok()["session"].clone();
    assert_eq!((&status["polls"][0]["my_vote"], &status["polls_version"]), (&json!(2), &json!(1)));
    assert_eq!(plain.ask(&json!({"type": "ping"})).await["polls_version"], 1);

    let closed = close(&hans, 10_001).await.ok()["poll"].clone();
    assert_eq!((&closed["state"], &closed["total_votes"]), (&json!("ended"), &json!(2)));
    for socket in [&mut plain, &mut batched] {
        let is_result = |event: &Value| event["type"] == "poll_update" && event["poll"]["state"] == "ended";
        let frame = socket.wait_for("the result", is_result).await;
        assert_eq!((votes(&frame["poll"]), &frame["polls_version"]), (vec![Some(1), Some(0), Some(1)], &json!(2)));
    }
    let late = world.user("late").get("status").await.ok()["session"]["polls"].clone();
    assert_eq!((&late[0]["state"], &late[0]["my_vote"]), (&json!("ended"), &Value::Null));
    let log = hans.get("moderation/actions").await.ok();
    let acts: Vec<_> = log["actions"].as_array().expect("entries").iter().map(|act| act["action"].clone()).collect();
    assert_eq!(acts, ["close_poll", "start_poll"]);
    assert_eq!(log["actions"][1]["changes"], json!({"poll_id": 10_001, "question": "Encore?"}));
}

#[tokio::test]
async fn hidden_results_are_told_to_nobody_before_the_end() {
    let world = World::start().await;
    let (hans, ann) = (world.host(), world.user("ann"));
    let mut socket = ann.connect().await;
    let id = started(&hans, &json!({"hide_results": true})).await;
    socket.next("poll_update").await;
    vote(&ann, id, 1).await.ok();
    for user in [&hans, &ann] {
        let poll = read(user, id).await;
        assert_eq!((votes(&poll), &poll["total_votes"], &poll["hidden"]), (vec![None; 3], &Value::Null, &json!(true)));
    }
    assert_eq!(read(&ann, id).await["my_vote"], 1, "one's own vote is no secret");
    close(&hans, id).await.ok();
    socket.wait_for("the result", |event| event["poll"]["state"] == "ended").await;
    let frames = socket.events.iter().filter(|event| event["type"] == "poll_update");
    for frame in frames {
        let is_over = frame["poll"]["state"] == "ended";
        assert_eq!(votes(&frame["poll"]).iter().all(Option::is_some), is_over, "{frame}");
    }
    let poll = read(&ann, id).await;
    assert_eq!((votes(&poll), &poll["hidden"]), (vec![Some(0), Some(1), Some(0)], &json!(false)));
}

#[tokio::test]
async fn the_list_has_pages_and_rooms_of_their_own() {
    let world = World::start().await;
    let (hans, ann) = (world.host(), world.user("ann"));
    for _ in 0..5 {
        let id = started(&hans, &json!({})).await;
        close(&hans, id).await.ok();
    }
    let ids = |page: &Value| -> Vec<u64> {
        page["polls"].as_array().expect("a list").iter().map(|poll| poll["id"].as_u64().expect("an id")).collect()
    };
    let first = ann.get("polls?limit=2").await.ok();
    assert_eq!((ids(&first), &first["next_before"]), (vec![10_005, 10_004], &json!(10_004)));
    let second = ann.get("polls?limit=2&before=10004").await.ok();
    assert_eq!((ids(&second), &second["next_before"]), (vec![10_003, 10_002], &json!(10_002)));
    let last = ann.get("polls?limit=2&before=10002").await.ok();
    assert_eq!((ids(&last), &last["next_before"]), (vec![10_001], &Value::Null));
    let shown = ann.get("status").await.ok()["session"]["polls"].clone();
    assert_eq!(shown.as_array().map(Vec::len), Some(3), "a status has the last three");
    let created =
        hans.call(Method::POST, "sessions", Some(json!({"name": "Stage", "room": "stage"}).to_string())).await;
    let session = created.json["session"]["id"].as_u64().expect("an id");
    let body = json!({"question": "And here?", "options": ["a", "b"], "seconds": 15}).to_string();
    let there = hans.call(Method::POST, "polls?room=stage", Some(body)).await;
    assert_eq!(there.json["poll"]["id"], session * 10_000 + 1);
    assert_eq!(ids(&ann.get("polls?room=stage").await.ok()), [session * 10_000 + 1]);
    assert_eq!(ann.get("polls?before=20001").await.problem(), (404, "not_found".to_owned()), "of another session");
}

#[tokio::test]
async fn a_repeated_start_answers_the_poll_that_it_started() {
    let world = World::start().await;
    let hans = world.host();
    let key = json!({"client_action_id": "poll-1"});
    let (one, other) = tokio::join!(start(&hans, &key), start(&hans, &key));
    assert_eq!((one.status, other.status), (201, 201));
    assert_eq!(one.json["poll"]["id"], other.json["poll"]["id"]);
    assert_eq!(start(&hans, &key).await.json["poll"]["id"], one.json["poll"]["id"]);
    assert_eq!(hans.get("polls").await.ok()["polls"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_key_that_another_act_has_used_is_a_conflict() {
    let world = World::start().await;
    let hans = world.host();
    hans.send("I am in").await.ok();
    let post = async |path: &str, body: Value| hans.call(Method::POST, path, Some(body.to_string())).await;
    let poll = json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 60, "client_action_id": "k"});
    assert_eq!(post("polls", poll.clone()).await.status, 201);
    let draw = json!({"prize": "A cup", "winners": 1, "among": "senders", "client_action_id": "k"});
    assert_eq!(post("draws", draw).await.problem(), (409, "conflict".to_owned()));
    let clear = json!({"action": "clear", "client_action_id": "n"});
    post("moderation/actions", clear).await.ok();
    let of_the_clear = json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 60, "client_action_id": "n"});
    assert_eq!(post("polls", of_the_clear).await.problem(), (409, "conflict".to_owned()));
}
