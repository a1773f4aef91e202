//! `POST /live-chat/sessions`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::world::World;

use super::{MANUAL, create, created, id_of, refused};

#[tokio::test]
async fn nothing_opens_by_itself_under_manual_until_a_host_creates_a_session() {
    let world = World::with(&[MANUAL, ("DRAW_TIMEZONE", "UTC")]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let closed = json!({"enabled": true, "is_active": false, "session": null, "next_start_time": null});
    assert_eq!(ann.get("status").await.ok(), closed);
    assert_eq!(ann.send("hi").await.problem(), refused(403, "chat_not_active"));
    assert_eq!(ann.try_to_connect("1").await.err(), Some(404));
    let session = created(&host, &json!({"name": "Launch\u{202e} day", "tags": ["a", "b"]})).await;
    assert_eq!((&session["id"], &session["name"], &session["room"]), (&json!(1), &json!("Launch day"), &json!("main")));
    assert_eq!((&session["state"], &session["end_time"]), (&json!("open"), &json!("9999-12-31T23:59:59Z")));
    assert_eq!((&session["tags"], &session["viewer_count"]), (&json!(["a", "b"]), &json!(0)));
    let limits = [&session["messages_per_minute"], &session["max_message_length"], &session["retention_days"]];
    assert_eq!(limits, [0, 1000, 90]);
    let status = ann.get("status").await.ok();
    assert_eq!((&status["is_active"], &status["session"]["name"]), (&json!(true), &session["name"]));
    let mut socket = ann.connect().await;
    assert_eq!(socket.say("hello").await["message_id"], 100_000_001);
}

#[tokio::test]
async fn a_session_opens_at_its_start_and_closes_at_its_end() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL, ("DRAW_TIMEZONE", "UTC")]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let body = json!({"name": "Launch", "room": "stage", "start_time": "2024-01-01T14:00:00+01:00", "end_time": "2024-01-01T14:00:00Z"});
    let session = created(&host, &body).await;
    assert_eq!((&session["state"], &session["start_time"]), (&json!("scheduled"), &json!("2024-01-01T13:00:00Z")));
    let closed = ann.get("status?room=stage").await.ok();
    assert_eq!((&closed["session"], &closed["next_start_time"]), (&Value::Null, &session["start_time"]));
    assert_eq!(ann.try_to_connect("1").await.err(), Some(403));
    assert_eq!(ann.get("status?session_id=1").await.ok()["is_active"], false);
    world.housekeep().await;
    world.pass(3600);
    assert_eq!(ann.get("status?room=stage").await.ok()["session"]["id"], 1);
    let mut socket = ann.connect().await;
    assert_eq!(socket.say("hello").await["message_id"], 100_000_001);
    world.pass(3601);
    world.housekeep().await;
    socket.next("session_ended").await;
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
    assert_eq!(ann.get("sessions/1").await.ok()["session"]["state"], "ended");
    assert_eq!(ann.get("messages?session_id=1").await.ok()["messages"][0]["message"], "hello");
}

#[tokio::test]
async fn sessions_of_a_room_do_not_overlap() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL]).await;
    let host = world.host();
    let at = |start: &str, end: Option<&str>| json!({"name": "Launch", "start_time": start, "end_time": end});
    created(&host, &at("2024-01-01T13:00:00Z", Some("2024-01-01T14:00:00Z"))).await;
    for (start, end, status) in [
        ("2024-01-01T12:30:00Z", Some("2024-01-01T13:00:00.001Z"), 409),
        ("2024-01-01T13:59:59.999Z", None, 409),
        ("2024-01-01T12:30:00Z", None, 409),
        ("2024-01-01T12:30:00Z", Some("2024-01-01T13:00:00Z"), 201),
        ("2024-01-01T14:00:00Z", None, 201),
        ("2025-01-01T14:00:00Z", Some("2025-01-01T15:00:00Z"), 409),
    ] {
        let answer = create(&host, &at(start, end)).await;
        assert_eq!(answer.status, status, "{start} to {end:?}: {}", answer.text);
    }
    let answer = create(&host, &json!({"name": "Now"})).await;
    assert!(answer.json["detail"].as_str().is_some_and(|detail| detail.contains("main")), "{}", answer.text);
    assert_eq!(answer.problem(), refused(409, "conflict"));
    let elsewhere = json!({"name": "Now", "room": "stage"});
    created(&host, &elsewhere).await;
    assert_eq!(create(&host, &elsewhere).await.problem(), refused(409, "conflict"));
}

#[tokio::test]
async fn of_many_who_open_a_room_at_once_one_succeeds() {
    let world = World::with(&[MANUAL]).await;
    let host = world.host();
    let bodies: Vec<Value> = (0..10).map(|number| json!({"name": format!("Session {number}")})).collect();
    let answers = join_all(bodies.iter().map(|body| create(&host, body))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(host.get("sessions").await.ok()["sessions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_repeated_call_creates_one_session() {
    let world = World::with(&[MANUAL]).await;
    let host = world.host();
    let body = json!({"name": "Launch", "client_action_id": "launch-1", "reason": "the launch"});
    let answers = join_all((0..5).map(|_| create(&host, &body))).await;
    for answer in answers {
        assert_eq!((answer.status, id_of(&answer.json["session"])), (201, 1), "{}", answer.text);
    }
    let log = host.get("moderation/actions?action=create_session").await.ok();
    let entries = log["actions"].as_array().expect("entries");
    assert_eq!((entries.len(), &entries[0]["session_id"]), (1, &json!(1)));
    assert_eq!(entries[0]["changes"], json!({"room": "main", "name": "Launch"}));
    assert_eq!(entries[0]["reason"], "the launch");
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let world = World::with(&[MANUAL]).await;
    let host = world.host();
    for (body, named) in [
        (json!({}), "name"),
        (json!({"name": "x", "room": "Stage"}), "room"),
        (json!({"name": "x", "end_time": "2001-01-01T00:00:00Z"}), "end_time"),
        (json!({"name": "x", "start_time": "2999-01-02T00:00:00Z", "end_time": "2999-01-01T00:00:00Z"}), "end_time"),
        (json!({"name": "x", "start_time": "2001-01-01T00:00:00Z", "end_time": "2001-01-02T00:00:00Z"}), "end_time"),
        (json!({"name": "x", "max_message_length": 1001}), "max_message_length"),
        (json!({"name": "x", "modes": {"loud": true}}), "modes"),
        (json!([]), "object"),
    ] {
        let answer = create(&host, &body).await;
        assert!(answer.json["detail"].as_str().is_some_and(|detail| detail.contains(named)), "{body}: {}", answer.text);
        assert_eq!(answer.problem(), refused(400, "invalid_request"), "{body}");
    }
    let body = json!({"name": "Launch"});
    for user in [world.user("ann"), world.moderator()] {
        assert_eq!(create(&user, &body).await.problem(), refused(403, "forbidden"));
    }
}

#[tokio::test]
async fn a_token_for_some_rooms_creates_sessions_in_them() {
    let world = World::with(&[MANUAL]).await;
    let claims = gateway::token::Claims {
        sub: "stage-host".to_owned(),
        roles: vec!["host".to_owned()],
        sessions: vec!["stage".to_owned()],
        ..gateway::token::Claims::default()
    };
    let host = world.user_with(claims);
    assert_eq!(create(&host, &json!({"name": "Launch"})).await.problem(), refused(403, "forbidden"));
    created(&host, &json!({"name": "Launch", "room": "stage"})).await;
    created(&world.host(), &json!({"name": "Launch"})).await;
    let listed = host.get("sessions").await.ok();
    assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(host.get("sessions/2").await.problem(), refused(403, "forbidden"));
}

#[tokio::test]
async fn a_session_begins_with_its_rooms_modes_and_its_own_limits() {
    let world = World::with(&[MANUAL, ("LIVE_CHAT_DEFAULT_MODES", r#"{"unique_seconds": 60}"#)]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let body =
        json!({"name": "Launch", "modes": {"links": "block"}, "messages_per_minute": 2, "max_message_length": 5});
    let session = created(&host, &body).await;
    assert_eq!((&session["modes"]["unique_seconds"], &session["modes"]["links"]), (&json!(60), &json!("block")));
    let status = ann.get("status").await.ok();
    assert_eq!(status["session"]["max_message_length"], 5);
    let too_long = ann.send("123456").await;
    assert!(too_long.text.contains("at most 5"), "{}", too_long.text);
    assert_eq!(too_long.problem(), refused(400, "invalid_message"));
    assert_eq!(host.send("123456").await.problem(), refused(400, "invalid_message"), "staff, too");
    ann.send("one").await.ok();
    ann.send("two").await.ok();
    let answer = ann.send("three").await;
    assert!(answer.text.contains("At most 2 messages"), "{}", answer.text);
    assert_eq!(answer.problem(), refused(429, "rate_limited"));
}

#[tokio::test]
async fn the_schedule_keeps_its_windows_of_the_main_room() {
    // The draw's session is open from 19:00 to 21:00 in New York, which is 00:00Z to 02:00Z.
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let (ann, host) = (world.user("ann"), world.host());
    assert_eq!(create(&host, &json!({"name": "For ever"})).await.problem(), refused(409, "conflict"));
    let matinee = created(&host, &json!({"name": "Matinee", "end_time": "2024-01-01T15:00:00Z"})).await;
    assert_eq!(ann.get("status").await.ok()["session"]["id"], matinee["id"]);
    ann.send("at the matinee").await.ok();
    world.pass(4 * 3600);
    let closed = ann.get("status").await.ok();
    assert_eq!((&closed["session"], &closed["next_start_time"]), (&Value::Null, &json!("2024-01-01T19:00:00-05:00")));
    world.pass(9 * 3600);
    let draw = ann.get("status").await.ok();
    assert_eq!((&draw["session"]["id"], &draw["session"]["room"]), (&json!(2), &json!("main")));
    assert_eq!(create(&host, &json!({"name": "Now"})).await.problem(), refused(409, "conflict"));
    world.clock.set("2024-01-01T12:00:00Z".parse().expect("a time"));
    let always = World::start().await;
    assert_eq!(create(&always.host(), &json!({"name": "Now"})).await.problem(), refused(409, "conflict"));
}

#[tokio::test]
async fn a_room_takes_sessions_again_once_fifty_are_over() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL]).await;
    let host = world.host();
    for minute in 0..50 {
        let (start, end) = (format!("2024-01-01T13:{minute:02}:00Z"), format!("2024-01-01T13:{minute:02}:30Z"));
        created(&host, &json!({"name": "A talk", "start_time": start, "end_time": end})).await;
    }
    let next = json!({"name": "One more", "start_time": "2024-01-01T15:00:00Z"});
    assert_eq!(create(&host, &next).await.problem(), refused(409, "conflict"));
    world.pass(2 * 3600);
    created(&host, &next).await;
}

#[tokio::test]
async fn a_session_reaches_into_no_window_of_the_schedule_not_only_into_its_own() {
    // Tonight's session is open from 00:00Z to 02:00Z, tomorrow's a day later.
    let evening = "2024-01-02T00:30:00Z".parse().expect("a time");
    let world = World::at(evening, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let (ann, host) = (world.user("ann"), world.host());
    ann.send("hello").await.ok();
    for (end_time, status) in [
        (json!(null), 409),
        (json!("2024-01-03T00:00:01Z"), 409),
        (json!("2024-01-03T00:00:00Z"), 200),
        (json!("2024-01-02T01:00:00Z"), 200),
    ] {
        let answer = super::update(&host, 1, &json!({"end_time": end_time})).await;
        assert_eq!(answer.status, status, "{end_time}: {}", answer.text);
    }
    let after = |start: &str, end: Value| json!({"name": "Afterwards", "start_time": start, "end_time": end});
    assert_eq!(create(&host, &after("2024-01-02T01:00:00Z", Value::Null)).await.problem(), refused(409, "conflict"));
    created(&host, &after("2024-01-02T01:00:00Z", json!("2024-01-02T03:00:00Z"))).await;
    world.pass(31 * 60);
    assert_eq!(ann.get("status").await.ok()["session"]["name"], "Afterwards");
}
