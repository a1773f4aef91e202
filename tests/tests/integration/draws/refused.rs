//! What a draw refuses, and what a crash leaves of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::json;
use tests::proxy::Fate;
use tests::world::World;

use super::{entrants, on, reveal, senders, start, started};

#[tokio::test]
async fn what_is_no_draw_is_refused() {
    let world = World::start().await;
    let (hans, ann) = (world.host(), world.user("ann"));
    senders(&world, &["ann"]).await;
    let invalid = || (400, "invalid_request".to_owned());
    for wrong in [
        json!({"prize": ""}),
        json!({"winners": 0}),
        json!({"winners": 11}),
        json!({"among": "everybody"}),
        json!({"among": "voters"}),
        json!({"poll_id": 10_001}),
        json!({"exclude": "ann"}),
        json!({"client_action_id": 7}),
    ] {
        assert_eq!(start(&hans, &wrong).await.problem(), invalid(), "{wrong}");
    }
    let not_found = || (404, "not_found".to_owned());
    assert_eq!(start(&hans, &json!({"among": "voters", "poll_id": 10_001})).await.problem(), not_found());
    assert_eq!(start(&ann, &json!({})).await.problem(), (403, "forbidden".to_owned()));
    let nothing = json!({"id": 10_001});
    assert_eq!(on(&hans, &nothing, "reveal", &json!({})).await.problem(), not_found());
    assert_eq!(on(&hans, &nothing, "redraw", &json!({"reason": "x"})).await.problem(), not_found());
    assert_eq!(ann.get("draws/10001/entrants").await.problem(), not_found());
    let draw = started(&hans, &json!({})).await;
    for query in ["after=x", "after=-1", "limit=0", "limit=1001", "hash=abc", "hash=ZZ"] {
        assert_eq!(ann.get(&format!("draws/10001/entrants?{query}")).await.problem(), invalid(), "{query}");
    }
    assert_eq!(on(&ann, &draw, "reveal", &json!({})).await.problem(), (403, "forbidden".to_owned()));
    let ban = json!({"action": "ban", "user_id": "mona"}).to_string();
    hans.call(Method::POST, "moderation/actions", Some(ban)).await.ok();
    let mona = world.moderator();
    assert_eq!(on(&mona, &draw, "reveal", &json!({})).await.problem(), (403, "banned".to_owned()));
    assert_eq!(start(&mona, &json!({})).await.problem(), (403, "banned".to_owned()));
}

#[tokio::test]
async fn the_morning_after_a_draw_can_be_revealed_but_none_begins() {
    let world = World::with(&[("LIVE_CHAT_SCHEDULE", "manual")]).await;
    let hans = world.host();
    hans.call(Method::POST, "sessions", Some(json!({"name": "Launch"}).to_string())).await;
    senders(&world, &["ann"]).await;
    let draw = started(&hans, &json!({})).await;
    hans.call(Method::POST, "sessions/1/end", Some("{}".to_owned())).await.ok();
    assert_eq!(start(&hans, &json!({})).await.problem(), (403, "chat_not_active".to_owned()));
    assert_eq!(reveal(&hans, &draw).await["winners"], json!(["ann"]));
    assert_eq!(hans.get("draws?session_id=1").await.ok()["draws"][0]["state"], "revealed");
}

/// Whatever write of the start is the last before the process dies, there is a whole draw in the end, or none.
#[tokio::test]
async fn a_start_that_is_cut_short_anywhere_leaves_no_half_draw() {
    for writes in 0..6 {
        let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
        let hans = world.host();
        senders(&world, &["ann", "bob"]).await;
        let left = Arc::new(AtomicUsize::new(writes));
        let count = Arc::clone(&left);
        proxy.judge(move |request| {
            let is_write = matches!(request.operation.as_str(), "TransactWriteItems" | "PutItem" | "DeleteItem");
            let concerns_it = is_write && (request.body.contains("draw") || request.body.contains("unfinished"));
            let take = || count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if concerns_it && take().is_err() { Fate::denied() } else { Fate::Pass }
        });
        let key = json!({"client_action_id": "draw-1"});
        let was_cut = start(&hans, &key).await.status != 201;
        proxy.judge(|_| Fate::Pass);
        if writes % 2 == 0 {
            world.pass(61);
            world.housekeep().await;
        } else {
            assert_eq!(start(&hans, &key).await.status, 201, "the repeated call finishes it");
        }
        let draws = hans.get("draws").await.ok()["draws"].clone();
        for draw in draws.as_array().expect("a list") {
            assert_eq!((&draw["state"], &draw["entrants"]), (&json!("frozen"), &json!(2)), "{writes}");
            assert_eq!(entrants(&hans, draw, 1000).await.len(), 2);
            assert_eq!(reveal(&hans, draw).await["winners"].as_array().map(Vec::len), Some(1));
        }
        assert!(draws.as_array().map(Vec::len) == Some(1) || (was_cut && writes == 0), "{writes}: {draws}");
    }
}
