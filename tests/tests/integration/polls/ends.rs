//! The ends of polls: by time, by a turn, with their session, and after a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::json;
use tests::proxy::Fate;
use tests::world::World;

use super::{close, read, start, started, vote, votes};

fn conflict() -> (u16, String) {
    (409, "conflict".to_owned())
}

#[tokio::test]
async fn a_poll_ends_by_time_and_a_quiet_room_hears_its_result_within_a_minute() {
    let world = World::start().await;
    let (hans, ann) = (world.host(), world.user("ann"));
    let mut socket = ann.connect().await;
    let id = started(&hans, &json!({"seconds": 15})).await;
    vote(&ann, id, 2).await.ok();
    world.pass(16);
    assert_eq!(vote(&ann, id, 0).await.problem(), conflict(), "judged by the time, not by who ends it");
    let poll = read(&ann, id).await;
    assert_ne!(poll["state"], "open");
    assert_eq!(votes(&poll), [Some(0), Some(0), Some(1)]);
    world.housekeep().await;
    let frame = socket.wait_for("the result", |event| event["poll"]["state"] == "ended").await;
    assert_eq!(votes(&frame["poll"]), [Some(0), Some(0), Some(1)]);
    assert_eq!(frame["poll"]["ends_at"], poll["ends_at"]);
    assert_eq!(vote(&ann, id, 0).await.problem(), conflict());
}

#[tokio::test]
async fn in_a_busy_room_a_turn_ends_a_poll_without_housekeeping() {
    let world = World::start().await;
    let (hans, ann) = (world.host(), world.user("ann"));
    let mut socket = ann.connect().await;
    let id = started(&hans, &json!({"seconds": 15})).await;
    socket.next("poll_update").await;
    vote(&ann, id, 1).await.ok();
    socket.wait_for("the vote", |event| event["poll"]["total_votes"] == 1).await;
    world.pass(16);
    ann.send("is it over?").await.ok();
    let frame = socket.wait_for("the result", |event| event["poll"]["state"] == "ended").await;
    assert_eq!(votes(&frame["poll"]), [Some(0), Some(1), Some(0)]);
}

#[tokio::test]
async fn closing_is_final_and_may_be_repeated() {
    let world = World::start().await;
    let (hans, mona, ann) = (world.host(), world.moderator(), world.user("ann"));
    let id = started(&hans, &json!({})).await;
    vote(&ann, id, 0).await.ok();
    let (one, other) = tokio::join!(close(&hans, id), close(&mona, id));
    for answer in [one, other, close(&hans, id).await] {
        let poll = answer.ok()["poll"].clone();
        assert_eq!((&poll["state"], votes(&poll)), (&json!("ended"), vec![Some(1), Some(0), Some(0)]));
    }
    assert_eq!(vote(&ann, id, 1).await.problem(), conflict());
    let log = hans.get("moderation/actions?action=close_poll").await.ok();
    assert_eq!(log["actions"].as_array().map(Vec::len), Some(1), "one of them has closed it");
}

#[tokio::test]
async fn a_session_that_ends_takes_its_polls_along_and_their_results_stay() {
    let world = World::with(&[("LIVE_CHAT_SCHEDULE", "manual")]).await;
    let (hans, ann) = (world.host(), world.user("ann"));
    hans.call(Method::POST, "sessions", Some(json!({"name": "Launch"}).to_string())).await;
    let mut socket = ann.connect().await;
    let id = started(&hans, &json!({"hide_results": true})).await;
    vote(&ann, id, 1).await.ok();
    hans.call(Method::POST, "sessions/1/end", Some("{}".to_owned())).await.ok();
    let over = || (403, "chat_not_active".to_owned());
    assert_eq!(vote(&ann, id, 0).await.problem(), over());
    assert_eq!(start(&hans, &json!({})).await.problem(), over());
    socket.wait_for("the result", |event| event["poll"]["state"] == "ended").await;
    socket.next("session_ended").await;
    let list = ann.get("polls?session_id=1").await.ok();
    assert_eq!(votes(&list["polls"][0]), [Some(0), Some(1), Some(0)]);
    assert_eq!(list["polls"][0]["my_vote"], 1);
}

#[tokio::test]
async fn a_poll_does_not_outlive_the_time_of_its_session() {
    let world = World::with(&[("LIVE_CHAT_SCHEDULE", "manual")]).await;
    let hans = world.host();
    let end = world.clock.now() + jiff::SignedDuration::from_secs(100);
    let end = jiff::Timestamp::from_second(end.as_second()).expect("a time");
    let session = json!({"name": "Launch", "end_time": end.to_string()}).to_string();
    assert_eq!(hans.call(Method::POST, "sessions", Some(session)).await.status, 201);
    let poll = start(&hans, &json!({"seconds": 3600})).await.json["poll"].clone();
    let ends_at: jiff::Timestamp = poll["ends_at"].as_str().expect("a time").parse().expect("a time");
    assert_eq!(ends_at, end);
    world.pass(102);
    world.housekeep().await;
    let list = hans.get("polls?session_id=1").await.ok();
    assert_eq!(list["polls"][0]["state"], "ended");
}

/// Whatever write of a close is the last before the process dies, the poll ends with the votes that it had.
#[tokio::test]
async fn a_close_that_is_cut_short_anywhere_is_finished_by_housekeeping() {
    for writes in 0..20 {
        let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
        let (hans, ann) = (world.host(), world.user("ann"));
        let id = started(&hans, &json!({"hide_results": true})).await;
        vote(&ann, id, 0).await.ok();
        let left = Arc::new(AtomicUsize::new(writes));
        let count = Arc::clone(&left);
        proxy.judge(move |request| {
            let is_write = matches!(request.operation.as_str(), "TransactWriteItems" | "UpdateItem");
            let concerns_it = is_write && request.body.contains("poll");
            if concerns_it
                && count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err()
            {
                return Fate::denied();
            }
            Fate::Pass
        });
        let answer = close(&hans, id).await;
        let was_cut = answer.status != 200;
        proxy.judge(|_| Fate::Pass);
        assert!(was_cut || writes >= 18, "{writes}: {}", answer.text);
        // Before the act itself is stored, nothing has happened.
        world.pass(61);
        world.housekeep().await;
        let poll = read(&ann, id).await;
        assert_eq!((&poll["state"], votes(&poll)), (&json!("ended"), vec![Some(1), Some(0), Some(0)]), "{writes}");
        assert_eq!(vote(&ann, id, 1).await.problem(), conflict());
    }
}
