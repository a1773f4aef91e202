//! `PATCH /live-chat/sessions/{session_id}`.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::world::World;

use super::{MANUAL, created, end, id_of, open, refused, update};

#[tokio::test]
async fn a_session_gets_another_name_tags_modes_and_limits() {
    let world = World::with(&[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let id = open(&world, "main").await;
    let mut socket = ann.connect().await;
    ann.send("a long message").await.ok();
    let body = json!({
        "name": "Renamed", "tags": ["new"], "modes": {"emoji_only": true}, "max_message_length": 5, "messages_per_minute": 7,
        "retention_days": 1, "reason": "why",
    });
    let session = update(&host, id, &body).await.ok()["session"].clone();
    assert_eq!((&session["name"], &session["tags"]), (&json!("Renamed"), &json!(["new"])));
    let limits = [&session["messages_per_minute"], &session["max_message_length"], &session["retention_days"]];
    assert_eq!(limits, [7, 5, 1]);
    assert_eq!(session["modes"]["emoji_only"], true);
    assert_eq!(socket.next("modes_update").await["modes"]["emoji_only"], true);
    assert_eq!(ann.send("words").await.problem(), refused(422, "emoji_only"));
    assert_eq!(ann.send("🎉🎉🎉🎉🎉🎉").await.problem(), refused(400, "invalid_message"));
    assert_eq!(ann.get("stats").await.ok()["session_name"], "Renamed");
    let back = update(&host, id, &json!({"messages_per_minute": null, "max_message_length": null})).await.ok();
    let limits = [&back["session"]["messages_per_minute"], &back["session"]["max_message_length"]];
    assert_eq!((limits, &back["session"]["name"]), ([&json!(0), &json!(1000)], &json!("Renamed")));
    ann.send("🎉🎉🎉🎉🎉🎉").await.ok();
    let entries = host.get("moderation/actions?action=update_session").await.ok()["actions"].clone();
    assert_eq!(entries[0]["changes"], json!({"messages_per_minute": null, "max_message_length": null}));
    assert_eq!((&entries[1]["changes"]["name"], &entries[1]["reason"]), (&json!("Renamed"), &json!("why")));
}

#[tokio::test]
async fn a_limit_that_was_raised_refuses_nobody_in_any_warm_function() {
    let world = World::with(&[MANUAL, ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "2")]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let id = open(&world, "main").await;
    let mut socket = ann.connect().await;
    ann.send("by rest").await.ok();
    socket.say("by socket").await;
    assert_eq!(ann.send("too many").await.problem(), refused(429, "rate_limited"));
    update(&host, id, &json!({"messages_per_minute": 4})).await.ok();
    ann.send("by rest").await.ok();
    assert_eq!(socket.say("by socket").await["type"], "ack");
    assert_eq!(socket.say("too many").await["code"], "rate_limited");
    update(&host, id, &json!({"messages_per_minute": 0})).await.ok();
    assert_eq!(socket.say("without a limit").await["type"], "ack");
}

#[tokio::test]
async fn the_end_moves_within_what_the_room_has_free() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL, ("DRAW_TIMEZONE", "UTC")]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let first = json!({"name": "First", "end_time": "2024-01-01T13:00:00Z"});
    let id = id_of(&created(&host, &first).await);
    let next = json!({"name": "Next", "start_time": "2024-01-01T15:00:00Z"});
    created(&host, &next).await;
    let mut socket = ann.connect().await;
    ann.send("hello").await.ok();
    for (end_time, expected) in [
        (json!("2024-01-01T15:00:01Z"), refused(409, "conflict")),
        (json!(null), refused(409, "conflict")),
        (json!("2024-01-01T11:00:00Z"), refused(400, "invalid_request")),
    ] {
        let answer = update(&host, id, &json!({"end_time": end_time})).await;
        assert_eq!(answer.problem(), expected, "{end_time}");
    }
    let later = update(&host, id, &json!({"end_time": "2024-01-01T14:30:00Z"})).await.ok();
    assert_eq!(later["session"]["end_time"], "2024-01-01T14:30:00Z");
    world.pass(2 * 3600);
    world.housekeep().await;
    assert_eq!(socket.say("still here").await["type"], "ack");
    ann.send("by rest").await.ok();
    world.pass(1801);
    assert_eq!(socket.say("too late").await["code"], "chat_not_active");
    assert_eq!(ann.get("status").await.ok()["next_start_time"], "2024-01-01T15:00:00Z");
    assert_eq!(update(&host, id, &json!({"name": "Over"})).await.problem(), refused(403, "chat_not_active"));
}

#[tokio::test]
async fn an_earlier_end_frees_the_room() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let id = open(&world, "main").await;
    ann.send("hello").await.ok();
    update(&host, id, &json!({"end_time": "2024-01-01T12:30:00Z"})).await.ok();
    created(&host, &json!({"name": "Next", "start_time": "2024-01-01T12:45:00Z"})).await;
    world.pass(31 * 60);
    assert_eq!(ann.send("too late").await.problem(), refused(403, "chat_not_active"));
    world.pass(15 * 60);
    assert_eq!(ann.send("next").await.ok()["message_id"], 200_000_001);
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost() {
    let world = World::with(&[MANUAL]).await;
    let host = world.host();
    let id = open(&world, "main").await;
    let bodies = [json!({"name": "Renamed"}), json!({"tags": ["new"]}), json!({"messages_per_minute": 7})];
    for answer in join_all(bodies.iter().map(|body| update(&host, id, body))).await {
        answer.ok();
    }
    let session = host.get(&format!("sessions/{id}")).await.ok()["session"].clone();
    assert_eq!((&session["name"], &session["tags"]), (&json!("Renamed"), &json!(["new"])));
    assert_eq!(session["messages_per_minute"], 7);
    end(&host, id).await.ok();
}

#[tokio::test]
async fn the_session_of_the_schedule_can_be_changed_too() {
    let evening = "2024-01-02T01:00:00Z".parse().expect("a time");
    let world = World::at(evening, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let mut socket = ann.connect().await;
    socket.say("hello").await;
    let longer = update(&host, 1, &json!({"end_time": "2024-01-02T03:00:00Z", "name": "Overtime"})).await.ok();
    assert_eq!(longer["session"]["end_time"], "2024-01-01T22:00:00-05:00");
    world.pass(90 * 60);
    world.housekeep().await;
    assert_eq!(socket.say("in overtime").await["type"], "ack");
    let list = json!({"terms": [{"term": "spoiler", "match": "word", "action": "block"}]}).to_string();
    host.call(reqwest::Method::PUT, "moderation/terms", Some(list)).await.ok();
    assert_eq!(socket.say("a spoiler").await["code"], "term_blocked", "a list reaches a session in overtime");
    world.pass(3600);
    world.housekeep().await;
    socket.next("session_ended").await;
}

#[tokio::test]
async fn a_later_end_holds_at_once_for_those_who_name_the_room() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let body = json!({"name": "Launch", "room": "stage", "end_time": "2024-01-01T12:00:03Z"});
    let id = id_of(&created(&host, &body).await);
    let send = async || {
        let body = json!({"message": "hello"}).to_string();
        ann.call(reqwest::Method::POST, "send-message?room=stage", Some(body)).await
    };
    send().await.ok();
    ann.get("status?room=stage").await.ok();
    world.pass(2);
    send().await.ok();
    update(&host, id, &json!({"end_time": "2024-01-01T13:00:00Z"})).await.ok();
    world.pass(2);
    send().await.ok();
    assert_eq!(ann.get("status?room=stage").await.ok()["is_active"], true);
}

/// The partition of the one shard of the first session that holds reactions.
async fn shard_with_reactions(world: &World) -> String {
    let rows = world.dynamodb().scan().table_name("live-chat-chat").send().await.expect("the table answers");
    let mut keys = rows.items().iter().filter_map(|row| row["pk"].as_s().ok());
    keys.find(|pk| pk.starts_with("reactions#1#")).expect("a shard").clone()
}

#[tokio::test]
async fn modes_and_counters_expire_with_the_session_when_its_end_moves() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let body = json!({"name": "Launch", "end_time": "2024-01-01T13:00:00Z", "retention_days": 1});
    let id = id_of(&created(&host, &body).await);
    ann.get("status").await.ok();
    ann.post("like").await.ok();
    let reactions = json!({"reactions": {"🎉": 3}}).to_string();
    ann.call(Method::POST, "react", Some(reactions)).await.ok();
    update(&host, id, &json!({"modes": {"slow_seconds": 1}})).await.ok();
    let expiry = async |pk: &str, sk: &str| world.chat_row(pk, sk).await.get("expires_at").and_then(Value::as_i64);
    let end = "2024-01-02T13:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_second();
    let shard = shard_with_reactions(&world).await;
    let rows = [("session#1", "session"), ("session#1", "viewers"), ("modes#1", "modes"), (shard.as_str(), "shard")];
    for (pk, sk) in rows {
        assert_eq!(expiry(pk, sk).await, Some(end), "{pk} {sk}");
    }
    update(&host, id, &json!({"end_time": "2024-01-01T14:00:00Z"})).await.ok();
    for (pk, sk) in rows {
        assert_eq!(expiry(pk, sk).await, Some(end + 3600), "{pk} {sk}");
    }
    update(&host, id, &json!({"end_time": null})).await.ok();
    for (pk, sk) in rows {
        assert_eq!(expiry(pk, sk).await, None, "{pk} {sk}");
    }
}
