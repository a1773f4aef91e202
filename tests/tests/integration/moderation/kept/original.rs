//! The text as its author wrote it, and messages that were held: for staff alone.

use reqwest::Method;
use serde_json::{Value, json};
use tests::review_server::ReviewServer;
use tests::world::World;

use super::super::{act, host, moderator};
use super::{acts, all_that_viewers_get, kept, sent, strict};

#[tokio::test]
async fn the_text_before_masks_and_reviews_is_for_staff_alone() {
    let (server, url) = ReviewServer::start().await;
    let review = [("LIVE_CHAT_REVIEW_FUNCTION", url.as_str()), ("LIVE_CHAT_REVIEW_TIMEOUT_MS", "5000")];
    let world = strict(&review).await;
    let (hans, bob) = (host(&world), world.user("bob"));
    let list = json!({"terms": [{"term": "secret", "match": "word", "action": "mask"}]}).to_string();
    hans.call(Method::PUT, "moderation/terms", Some(list)).await.ok();
    let mut socket = world.user("viewer").connect().await;
    let masked = sent(&bob, "a secret word").await;
    server.verdict(json!({"ReviewResult": "ALLOW", "Content": "rewritten"}));
    let twice = sent(&bob, "another secret").await;
    let reviewed = sent(&bob, "mild words").await;
    server.verdict(json!({"ReviewResult": "ALLOW"}));
    let plain = sent(&bob, "nothing to hide").await;
    act(&hans, &json!({"action": "set_modes", "modes": {"review_all": true}})).await.ok();
    let held = bob.send("a held secret").await.json["held_id"].clone();
    let approval = act(&hans, &json!({"action": "approve", "held_id": held})).await.ok();
    let approved = approval["target"]["message_ids"][0].as_u64().expect("an id");
    act(&hans, &json!({"action": "set_modes", "modes": {"review_all": false}})).await.ok();
    socket.until_messages(5).await;
    for (id, text, original) in [
        (masked, "a ****** word", json!("a secret word")),
        (twice, "rewritten", json!("another secret")),
        (reviewed, "rewritten", json!("mild words")),
        (plain, "nothing to hide", Value::Null),
        (approved, "a held ******", json!("a held secret")),
    ] {
        let seen = kept(&hans, id).await;
        assert_eq!((&seen["message"]["message"], &seen["original_text"]), (&json!(text), &original), "{seen}");
    }
    assert_eq!(acts(&kept(&hans, approved).await), ["approve"]);
    let heard = Value::Array(socket.events.clone()).to_string() + &all_that_viewers_get(&world).await;
    assert!(heard.contains("******") && !heard.contains("secret") && !heard.contains("mild"), "{heard}");
}

#[tokio::test]
async fn a_held_message_is_read_by_its_id_whatever_was_decided() {
    let world = World::start().await;
    let (hans, mona) = (host(&world), moderator(&world));
    let bob = world.user("bob");
    let list = json!({"terms": [{"term": "secret", "match": "word", "action": "mask"}]}).to_string();
    hans.call(Method::PUT, "moderation/terms", Some(list)).await.ok();
    act(&hans, &json!({"action": "set_modes", "modes": {"review_all": true}})).await.ok();
    let mut ids = Vec::new();
    for nth in 0..3 {
        ids.push(bob.send(&format!("secret {nth}")).await.json["held_id"].as_str().expect("an id").to_owned());
    }
    act(&mona, &json!({"action": "approve", "held_id": ids[0]})).await.ok();
    act(&mona, &json!({"action": "deny", "held_id": ids[1]})).await.ok();
    let read = async |id: &str, query: &str| mona.get(&format!("moderation/messages/{id}{query}")).await;
    assert_eq!(read(&ids[2], "").await.ok()["state"], "held");
    world.pass(301);
    assert_eq!(read(&ids[2], "").await.ok()["state"], "expired", "nobody can decide any more");
    world.housekeep().await;
    for (id, state, acts_on_it) in
        [(&ids[0], "standing", vec!["approve"]), (&ids[1], "denied", vec!["deny"]), (&ids[2], "expired", vec!["deny"])]
    {
        let seen = read(id, "?session_id=1").await.ok();
        assert_eq!((&seen["state"], acts(&seen)), (&json!(state), acts_on_it), "{seen}");
        assert_eq!((&seen["held"]["held_id"], &seen["held"]["reason"]), (&json!(id), &json!("review_all")));
        let number = id.as_str() == ids[0];
        assert_eq!((seen["message_id"].is_u64(), seen["message"].is_object()), (number, number), "{seen}");
        assert!(seen["held"]["message"].as_str().expect("a text").starts_with("****** "), "{seen}");
        assert!(seen["original_text"].as_str().expect("a text").starts_with("secret "), "{seen}");
    }
    assert_eq!(read(&ids[0], "?session_id=99").await.problem(), (404, "not_found".to_owned()));
    let unknown = read("01kb5d2m7c8hq4t0v9w3x5y6z7", "").await;
    assert_eq!(unknown.problem(), (404, "not_found".to_owned()));
    assert_eq!(bob.get(&format!("moderation/messages/{}", ids[1])).await.problem(), (403, "forbidden".to_owned()));
}
