//! `POST /live-chat/sessions/{session_id}/end`.

use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::world::World;

use super::{MANUAL, created, end, id_of, open, refused};

#[tokio::test]
async fn an_ended_session_takes_nothing_from_the_answer_on_and_its_room_takes_the_next_one() {
    let world = World::with(&[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let id = open(&world, "main").await;
    let mut socket = ann.connect().await;
    let sent = socket.say("hello").await["message_id"].clone();
    ann.post("like").await.ok();
    assert_eq!(end(&host, id).await.ok()["session"]["state"], "ended");
    for answer in [
        ann.send_body(json!({"message": "late"}).to_string()).await,
        ann.post(&format!("like?session_id={id}")).await,
        ann.delete(&format!("like?session_id={id}")).await,
        ann.post(&format!("like-message/{sent}?session_id={id}")).await,
        ann.post(&format!("ticket?session_id={id}")).await,
        ann.call(reqwest::Method::POST, "send-message?session_id=1", Some(json!({"message": "late"}).to_string()))
            .await,
    ] {
        assert_eq!(answer.problem(), refused(403, "chat_not_active"));
    }
    assert_eq!(ann.try_to_connect("1").await.err(), Some(403));
    socket.next("session_ended").await;
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
    assert_eq!(ann.get("status").await.ok()["session"], Value::Null);
    assert_eq!(ann.get("messages?session_id=1").await.ok()["messages"][0]["message"], "hello");
    let next = created(&host, &json!({"name": "The next one"})).await;
    assert_eq!(ann.get("status").await.ok()["session"]["id"], next["id"]);
    assert_eq!(ann.send("again").await.ok()["message_id"], 200_000_001);
    let stays = end(&host, id).await.ok();
    assert_eq!((&stays["session"]["state"], &stays["session"]["total_messages"]), (&json!("ended"), &json!(1)));
    let log = host.get("moderation/actions?action=end_session").await.ok();
    assert_eq!(log["actions"].as_array().map(Vec::len), Some(1), "{log}");
    assert_eq!(end(&host, 99).await.problem(), refused(404, "not_found"));
    assert_eq!(end(&world.moderator(), id_of(&next)).await.problem(), refused(403, "forbidden"));
}

#[tokio::test]
async fn a_session_that_has_not_begun_is_cancelled() {
    let world = World::with(&[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let later = json!({"name": "Later", "start_time": "2999-01-01T00:00:00Z"});
    let id = id_of(&created(&host, &later).await);
    assert_ne!(ann.get("status").await.ok()["next_start_time"], Value::Null);
    assert_eq!(end(&host, id).await.ok()["session"]["state"], "ended");
    assert_eq!(ann.get("status").await.ok()["next_start_time"], Value::Null);
    created(&host, &later).await;
    world.housekeep().await;
}

#[tokio::test]
async fn the_session_of_the_schedule_can_be_ended_too() {
    let world = World::start().await;
    let (ann, host) = (world.user("ann"), world.host());
    let mut socket = ann.connect().await;
    socket.say("hello").await;
    assert_eq!(end(&host, 1).await.ok()["session"]["state"], "ended");
    socket.next("session_ended").await;
    world.pass(6);
    assert_eq!(ann.get("status").await.ok()["session"], Value::Null);
    let next = created(&host, &json!({"name": "By hand"})).await;
    assert_eq!(ann.get("status").await.ok()["session"]["id"], next["id"]);
    ann.send("again").await.ok();
}

#[tokio::test]
async fn what_is_held_is_denied_before_the_end_is_told() {
    let world = World::with(&[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    created(&host, &json!({"name": "Reviewed", "modes": {"review_all": true}})).await;
    let mut socket = ann.connect().await;
    assert!(socket.say("please").await["held_id"].is_string());
    end(&host, 1).await.ok();
    socket.next("session_ended").await;
    let kinds: Vec<&str> = socket.kinds().filter(|kind| ["message_denied", "session_ended"].contains(kind)).collect();
    assert_eq!(kinds, ["message_denied", "session_ended"]);
}

#[tokio::test]
async fn an_end_whose_last_steps_failed_is_finished_by_whatever_looks_at_it_next() {
    for finisher in ["the same call", "another host", "housekeep"] {
        let (world, tables) = World::behind_a_proxy_of_tables(&[MANUAL]).await;
        let (ann, host) = (world.user("ann"), world.host());
        let id = open(&world, "main").await;
        let mut socket = ann.connect().await;
        tables.judge(|request| match request.body.contains("settings_version") && request.operation == "UpdateItem" {
            true => Fate::denied(),
            false => Fate::Pass,
        });
        let body = json!({"client_action_id": "the end"}).to_string();
        let call = || host.call(reqwest::Method::POST, "sessions/1/end", Some(body.clone()));
        assert_eq!(call().await.problem(), refused(503, "unavailable"));
        tables.judge(|_| Fate::Pass);
        match finisher {
            "the same call" => assert_eq!(call().await.ok()["session"]["state"], "ended"),
            "another host" => {
                assert_eq!(end(&world.user_as("hugo", "host"), id).await.ok()["session"]["state"], "ended")
            }
            _ => {
                world.pass(60);
                world.housekeep().await;
            }
        }
        socket.next("session_ended").await;
        assert_eq!(ann.get(&format!("sessions/{id}")).await.ok()["session"]["state"], "ended");
    }
}

#[tokio::test]
async fn the_session_that_never_ends_stays_over_once_it_was_ended_and_has_expired() {
    let world = World::start().await;
    let (ann, host) = (world.user("ann"), world.host());
    ann.send("hello").await.ok();
    super::update(&host, 1, &json!({"retention_days": 1})).await.ok();
    end(&host, 1).await.ok();
    // As if DynamoDB had deleted the expired row.
    let row = world.dynamodb().delete_item().table_name("live-chat-chat");
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    row.key("pk", text("session#1")).key("sk", text("session")).send().await.expect("the table answers");
    world.pass(2 * 24 * 3600);
    assert_eq!(ann.get("status").await.ok()["session"], Value::Null);
    created(&host, &json!({"name": "By hand"})).await;
    ann.send("again").await.ok();
}
