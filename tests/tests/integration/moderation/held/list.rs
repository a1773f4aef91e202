//! The list of what waits, its limit, and requests that make no sense.

use gateway::token::Claims;
use serde_json::json;
use shared::domain::moderation::held_id::HeldId;
use tests::world::World;

use super::{act, approve, chat, hold_by, moderator, try_to_hold, waiting};

#[tokio::test]
async fn the_list_is_paged_oldest_first() {
    let world = World::start().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    for nth in 0..7 {
        world.pass(1);
        hold_by(&chat, &format!("user-{}", nth % 2), &format!("text {nth}"), None).await;
    }
    let (mut paged, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let page = mona.get(&format!("moderation/held?{query}")).await.ok();
        paged.extend(page["held"].as_array().expect("a list").clone());
        assert_eq!(page["has_more"], json!(page["next_after"].is_string()));
        let Some(after) = page["next_after"].as_str() else { break };
        query = format!("session_id=1&limit=3&after={after}");
    }
    let listed: Vec<String> = paged.iter().map(|held| held["message"].as_str().expect("a text").to_owned()).collect();
    assert_eq!(listed, (0..7).map(|nth| format!("text {nth}")).collect::<Vec<_>>());
    for (query, expected) in [
        ("limit=0", (400, "invalid_request")),
        ("limit=101", (400, "invalid_request")),
        ("after=x", (400, "invalid_request")),
        ("session_id=x", (400, "invalid_request")),
        ("session_id=9", (404, "not_found")),
    ] {
        let (status, code) = mona.get(&format!("moderation/held?{query}")).await.problem();
        assert_eq!((status, code.as_str()), expected, "{query}");
    }
    let card = mona.get("moderation/users/user-0").await.ok();
    assert_eq!(card["counts"], json!({"messages": 0, "deleted": 0, "held": 4}));
    world.pass(300);
    assert_eq!(mona.get("moderation/users/user-0").await.ok()["counts"]["held"], 0);
}

#[tokio::test]
async fn a_user_has_fifty_messages_waiting_at_most_however_many_come_at_once() {
    let world = World::start().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    for nth in 0..45 {
        hold_by(&chat, "bob", &format!("text {nth}"), None).await;
    }
    world.pass(1);
    let many = futures_util::future::join_all((0..10).map(|_| try_to_hold(&chat, "bob", "more", None))).await;
    let (held, refused): (Vec<_>, Vec<_>) = many.into_iter().partition(Result::is_ok);
    assert_eq!((held.len(), refused.len()), (5, 5));
    for refusal in refused {
        let refusal = refusal.expect_err("a refusal");
        let wait = refusal.retry_after().expect("a time to come back");
        assert!(refusal.code() == "rate_limited" && (1..=60).contains(&wait.as_secs()), "{refusal:?}");
    }
    hold_by(&chat, "ann", "of somebody else", None).await;
    assert_eq!(mona.get("moderation/held?limit=100").await.ok()["held"].as_array().map(Vec::len), Some(51));
    let first = mona.get("moderation/held?limit=1").await.ok()["held"][0]["held_id"].clone();
    act(&mona, &json!({"action": "deny", "held_id": first})).await.ok();
    hold_by(&chat, "bob", "now there is room", None).await;
}

#[tokio::test]
async fn a_decision_that_makes_no_sense_is_refused_and_leaves_no_entry() {
    let world = World::start().await;
    let (chat, mona, bob) = (chat(&world).await, moderator(&world), world.user("bob"));
    let id = hold_by(&chat, "bob", "look at this", None).await;
    for (body, expected) in [
        (json!({"action": "approve"}), (400, "invalid_request")),
        (json!({"action": "approve", "held_id": "x"}), (400, "invalid_request")),
        (json!({"action": "approve", "held_id": 7}), (400, "invalid_request")),
        (json!({"action": "deny", "held_ids": []}), (400, "invalid_request")),
        (json!({"action": "deny", "held_ids": [id, "x"]}), (400, "invalid_request")),
        (json!({"action": "deny", "held_id": id, "held_ids": [id]}), (400, "invalid_request")),
        (json!({"action": "deny", "held_id": HeldId::at(world.clock.now())}), (404, "not_found")),
        (json!({"action": "deny", "held_id": id, "session_id": 9}), (404, "not_found")),
    ] {
        let (status, code) = act(&mona, &body).await.problem();
        assert_eq!((status, code.as_str()), expected, "{body}");
    }
    assert_eq!(act(&bob, &approve(&id)).await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(bob.get("moderation/held").await.problem(), (403, "forbidden".to_owned()));
    let elsewhere = Claims { sub: "moe".to_owned(), roles: vec!["moderator".to_owned()], ..Claims::default() };
    let elsewhere = world.user_with(Claims { sessions: vec!["2".to_owned()], ..elsewhere });
    assert_eq!(elsewhere.get("moderation/held").await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(act(&elsewhere, &approve(&id)).await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(waiting(&mona).await, ["look at this"]);
    assert_eq!(mona.get("moderation/actions").await.ok()["actions"], json!([]));
}
