//! Sessions around the daily draw, and the session that never ends.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::world::World;

const DAILY: (&str, &str) = ("LIVE_CHAT_SCHEDULE", "daily");

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

#[tokio::test]
async fn the_guides_session_looks_as_in_the_guide() {
    let world = World::at(at("2024-01-02T00:30:00Z"), &[DAILY]).await;
    let session = world.user("ann").get("status").await.ok()["session"].clone();
    assert_eq!(session["id"], 1);
    assert_eq!(session["name"], "Draw Chat - January 01, 2024");
    assert_eq!(session["start_time"], "2024-01-01T19:00:00-05:00");
    assert_eq!(session["end_time"], "2024-01-01T21:00:00-05:00");
}

#[tokio::test]
async fn outside_of_a_window_the_chat_is_closed() {
    let world = World::at(at("2024-01-01T12:00:00Z"), &[DAILY]).await;
    let ann = world.user("ann");
    let closed =
        json!({"enabled": true, "is_active": false, "session": null, "next_start_time": "2024-01-01T19:00:00-05:00"});
    assert_eq!(ann.get("status").await.ok(), closed);
    for path in ["messages", "viewers", "likes", "stats"] {
        assert_eq!(ann.get(path).await.problem(), (403, "chat_not_active".to_owned()), "{path}");
    }
    for path in ["like", "ticket"] {
        assert_eq!(ann.post(path).await.problem(), (403, "chat_not_active".to_owned()), "{path}");
    }
    assert_eq!(ann.send("hi").await.problem(), (403, "chat_not_active".to_owned()));
    assert_eq!(ann.try_to_connect("1").await.err(), Some(404), "no session has ever been");
}

#[tokio::test]
async fn the_hour_after_the_draw_has_one_session_and_the_next_day_another() {
    let world = World::at(at("2024-01-02T00:00:00Z"), &[DAILY]).await;
    let ann = world.user("ann");
    let id = || async { ann.get("status").await.ok()["session"]["id"].clone() };
    assert_eq!(id().await, 1);
    for minutes in [59, 2, 58] {
        world.pass(minutes * 60);
        assert_eq!(id().await, 1);
    }
    world.pass(2 * 60);
    assert_eq!(id().await, Value::Null);
    world.pass(22 * 3600);
    assert_eq!(id().await, 2);
    assert_eq!(ann.get("status?session_id=1").await.ok()["session"]["name"], "Draw Chat - January 01, 2024");
}

#[tokio::test]
async fn the_window_is_right_on_both_days_on_which_clocks_change() {
    // In New York, clocks skip 2:00 to 3:00 on March 10, 2024, and repeat 1:00 to 2:00 on November 3.
    let settings = [
        DAILY,
        ("LIVE_CHAT_PRE_DRAW_HOURS", "2"),
        ("LIVE_CHAT_POST_DRAW_HOURS", "3"),
        ("DRAW_TIME_HOUR", "2"),
        ("DRAW_TIME_MINUTE", "30"),
    ];
    for (first_moment, last_moment, start, end) in [
        ("2024-03-10T05:00:00Z", "2024-03-10T10:00:00Z", "2024-03-10T00:00:00-05:00", "2024-03-10T06:00:00-04:00"),
        ("2024-11-03T05:30:00Z", "2024-11-03T10:30:00Z", "2024-11-03T01:30:00-04:00", "2024-11-03T05:30:00-05:00"),
    ] {
        let first: Timestamp = at(first_moment);
        let world = World::at(first - jiff::SignedDuration::from_secs(30), &settings).await;
        let session = || async { world.user("ann").get("status").await.ok()["session"].clone() };
        assert_eq!(session().await, Value::Null, "half a minute before {first_moment}");
        world.clock.set(first + jiff::SignedDuration::from_secs(1));
        let open = session().await;
        assert_eq!((&open["start_time"], &open["end_time"]), (&json!(start), &json!(end)));
        world.clock.set(at(last_moment) - jiff::SignedDuration::from_secs(5));
        assert_eq!(session().await["id"], 1);
        world.clock.set(at(last_moment) + jiff::SignedDuration::from_secs(5));
        assert_eq!(session().await, Value::Null, "after {last_moment}");
    }
}

#[tokio::test]
async fn fifty_first_requests_of_a_window_open_one_session() {
    let world = World::at(at("2024-01-02T00:30:00Z"), &[DAILY]).await;
    let users: Vec<_> = (0..50).map(|i| world.user(&format!("user{i}"))).collect();
    let answers = join_all(users.iter().enumerate().map(|(i, user)| async move {
        match i % 3 {
            0 => user.get("status").await.ok()["session"]["id"].as_u64(),
            1 => user.get("stats").await.ok()["session_id"].as_u64(),
            _ => user.send("first!").await.ok()["message_id"].as_u64().map(|id| id / 100_000_000),
        }
    }))
    .await;
    assert_eq!(answers.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([Some(1)]));
    assert_eq!(users[0].get("status?session_id=2").await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn an_ended_session_can_be_read_but_not_written() {
    let world = World::at(at("2024-01-02T00:30:00Z"), &[DAILY]).await;
    let ann = world.user("ann");
    ann.send("remember me").await.ok();
    ann.post("like").await.ok();
    world.pass(24 * 3600);
    let page = ann.get("messages?session_id=1").await.ok();
    assert_eq!((&page["messages"][0]["message"], &page["session_id"]), (&json!("remember me"), &json!(1)));
    let stats = ann.get("stats?session_id=1").await.ok();
    assert_eq!(
        (&stats["is_active"], &stats["total_likes"], &stats["total_messages"]),
        (&json!(false), &json!(1), &json!(1))
    );
    assert_eq!(ann.get("likes?session_id=1").await.ok()["user_liked"], true);
    ann.get("viewers?session_id=1").await.ok();
    for path in
        ["like?session_id=1", "like-message/100000001?session_id=1", "send-message?session_id=1", "ticket?session_id=1"]
    {
        let answer = ann.call(reqwest::Method::POST, path, Some(r#"{"message":"late"}"#.to_owned())).await;
        assert_eq!(answer.problem(), (403, "chat_not_active".to_owned()), "{path}");
    }
    assert_eq!(ann.delete("messages/100000001?session_id=1").await.problem(), (403, "chat_not_active".to_owned()));
    assert_eq!(ann.get("messages?session_id=99").await.problem(), (404, "not_found".to_owned()));
    assert_eq!(ann.try_to_connect("1").await.err(), Some(403), "a session that has ended");
    assert_eq!(ann.try_to_connect("99").await.err(), Some(404), "a session that never was");
}

#[tokio::test]
async fn at_the_end_everything_is_sent_then_the_end_is_told_and_the_sockets_are_closed() {
    let world = World::at(at("2024-01-02T01:58:50Z"), &[DAILY]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let (mut first, mut second) = (ann.connect().await, bob.connect_to("1", "&batch=1").await);
    assert_eq!(first.say("the last words").await["type"], "ack");
    world.pass(60);
    assert_eq!(first.say("in the last seconds").await["type"], "ack");
    world.pass(20);
    assert_eq!(first.say("too late").await["code"], "chat_not_active");
    world.housekeep().await;
    for socket in [&mut first, &mut second] {
        let ended = socket.next("session_ended").await;
        assert_eq!(ended, json!({"type": "session_ended", "session_id": 1}));
        assert_eq!(socket.closed().await, Some((1000, "Connection Closed Normally".to_owned())));
        assert_eq!(socket.seqs(), [1, 2]);
        assert_eq!(socket.events.last().unwrap()["type"], "session_ended", "nothing comes after it");
    }
}

#[tokio::test]
async fn the_always_session_is_the_same_tomorrow() {
    let world = World::start().await;
    let ann = world.user("ann");
    let before = ann.get("status").await.ok()["session"].clone();
    ann.send("today").await.ok();
    world.pass(40 * 24 * 3600);
    world.housekeep().await;
    let after = ann.get("status").await.ok()["session"].clone();
    for field in ["id", "name", "start_time", "end_time"] {
        assert_eq!(before[field], after[field]);
    }
    assert_eq!(ann.connect().await.say("tomorrow").await["message_id"], 100_000_002);
}

#[tokio::test]
async fn history_that_is_older_than_the_retention_is_gone() {
    let world = World::with(&[("LIVE_CHAT_RETENTION_DAYS", "7")]).await;
    let ann = world.user("ann");
    ann.send("old").await.ok();
    world.pass(6 * 24 * 3600);
    ann.send("new").await.ok();
    assert_eq!(ann.get("messages").await.ok()["messages"].as_array().unwrap().len(), 2);
    world.pass(2 * 24 * 3600);
    let page = ann.get("messages").await.ok();
    assert_eq!((&page["messages"][0]["message"], page["messages"].as_array().unwrap().len()), (&json!("new"), 1));
    assert_eq!(ann.post("like-message/100000001").await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn times_are_told_in_the_configured_zone() {
    for (zone, offset) in [("UTC", "Z"), ("Asia/Kolkata", "+05:30")] {
        let world = World::with(&[("DRAW_TIMEZONE", zone)]).await;
        let ann = world.user("ann");
        let created = ann.send("hi").await.ok()["created_at"].as_str().unwrap().to_owned();
        assert!(created.ends_with(offset) && created.contains('.'), "{created}");
        let start = ann.get("stats").await.ok()["start_time"].as_str().unwrap().to_owned();
        assert!(start.ends_with(offset) && !start.contains('.'), "{start}");
    }
}
