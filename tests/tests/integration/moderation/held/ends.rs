//! What ends the wait without a decision: acts against the author or the room, the deadline, and the session's end.

use jiff::Timestamp;
use serde_json::{Value, json};
use tests::world::World;

use super::{act, approve, chat, deny, heard, hold_by, moderator, texts, try_to_hold, waiting};

/// The entries that the chat itself left, newest first.
async fn by_the_chat(staff: &tests::rest::User) -> Vec<Value> {
    let log = staff.get("moderation/actions?action=deny").await.ok();
    let entries = log["actions"].as_array().expect("entries").clone();
    for entry in &entries {
        assert_eq!(entry["actor_type"], "system", "{entry}");
        assert_eq!(entry["actor"], json!({"user_id": null, "username": null}), "{entry}");
    }
    entries
}

#[tokio::test]
async fn acts_against_the_author_or_the_room_deny_what_waits_and_leave_the_rest() {
    for (body, left) in [
        (json!({"action": "ban", "user_id": "bob"}), vec!["of ann"]),
        (json!({"action": "ban", "user_id": "bob", "session_only": true}), vec!["of ann"]),
        (json!({"action": "ban", "user_id": "bob", "delete_messages": true}), vec!["of ann"]),
        (json!({"action": "timeout", "user_id": "bob", "seconds": 60, "delete_messages": true}), vec!["of ann"]),
        (json!({"action": "purge", "user_id": "bob"}), vec!["of ann"]),
        (json!({"action": "clear"}), vec![]),
        (json!({"action": "timeout", "user_id": "bob", "seconds": 60}), vec!["one of bob", "another of bob", "of ann"]),
        (json!({"action": "disconnect", "user_id": "bob"}), vec!["one of bob", "another of bob", "of ann"]),
    ] {
        let world = World::start().await;
        let (chat, mona) = (chat(&world).await, moderator(&world));
        let mut of_bob = world.user("bob").connect().await;
        let first = hold_by(&chat, "bob", "one of bob", Some("key")).await;
        for (user, text) in [("bob", "another of bob"), ("ann", "of ann")] {
            world.pass(1);
            hold_by(&chat, user, text, None).await;
        }
        let entry = act(&mona, &body).await.ok();
        assert_eq!(waiting(&mona).await, left, "{body}");
        let entries = by_the_chat(&mona).await;
        assert_eq!(entries.len(), 3 - left.len(), "{body}");
        for denial in &entries {
            assert_eq!(denial["changes"], json!({"cause": "action", "action_id": entry["id"]}), "{body}");
        }
        if left.contains(&"one of bob") {
            continue;
        }
        let told = of_bob.wait_for("the denial", |event| event["held_id"] == json!(first)).await;
        assert_eq!((&told["type"], &told["reason"]), (&json!("message_denied"), &json!("denied")), "{body}");
        let again = world.user("bob").send_as("one of bob", "key").await.ok();
        assert_eq!((&again["status"], &again["duplicate"]), (&json!("denied"), &json!(true)), "{body}");
        assert_eq!(act(&mona, &approve(&first)).await.problem(), (409, "conflict".to_owned()), "{body}");
        assert!(texts(&world).await.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn a_message_of_a_timed_out_author_waits_until_the_author_may_send_again() {
    let world = World::start().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let id = hold_by(&chat, "bob", "look at this", None).await;
    act(&mona, &json!({"action": "timeout", "user_id": "bob", "seconds": 60})).await.ok();
    let refusal = try_to_hold(&chat, "bob", "another", None).await.expect_err("the author is timed out");
    assert_eq!(refusal.code(), "timed_out");
    assert_eq!(act(&mona, &approve(&id)).await.problem(), (409, "conflict".to_owned()));
    act(&mona, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    act(&mona, &approve(&id)).await.ok();
    assert_eq!(texts(&world).await, ["look at this"]);
}

#[tokio::test]
async fn a_message_on_which_nobody_decides_in_time_is_denied() {
    let world = World::start().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let (mut of_bob, mut of_mona) = (world.user("bob").connect().await, mona.connect().await);
    let id = hold_by(&chat, "bob", "too late", Some("key")).await;
    world.pass(100);
    hold_by(&chat, "bob", "in time", None).await;
    world.housekeep().await;
    assert_eq!(waiting(&mona).await, ["too late", "in time"]);
    world.pass(200);
    // It is judged by time, before anybody cleans up.
    assert_eq!(waiting(&mona).await, ["in time"]);
    for decision in [approve(&id), deny(&id)] {
        let refused = act(&mona, &decision).await;
        assert!(refused.json["detail"].as_str().expect("a sentence").contains("expired"), "{}", refused.text);
        assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    }
    world.housekeep().await;
    let told = of_bob.next("message_denied").await;
    assert_eq!(
        ["held_id", "client_message_id", "reason"].map(|field| told[field].clone()),
        [json!(id), json!("key"), json!("expired")]
    );
    let resolved = of_mona.next("held_resolved").await;
    assert_eq!((&resolved["decision"], &resolved["message_id"]), (&json!("expired"), &Value::Null));
    let entries = by_the_chat(&mona).await;
    assert_eq!((entries.len(), &entries[0]["target"]["held_id"]), (1, &json!(id)));
    assert_eq!(entries[0]["changes"], json!({"cause": "expired"}));
    heard(&mut of_mona, "the entry", |event| event["action"] == entries[0]).await;
    assert_eq!(act(&mona, &approve(&id)).await.problem(), (409, "conflict".to_owned()));
    world.housekeep().await;
    assert_eq!((by_the_chat(&mona).await.len(), waiting(&mona).await), (1, vec!["in time".to_owned()]));
}

#[tokio::test]
async fn the_end_of_a_session_denies_what_waits_before_everybody_hears_of_it() {
    let evening: Timestamp = "2026-01-05T20:59:00-05:00".parse().expect("a time");
    let world = World::start_with(evening, &[("LIVE_CHAT_SCHEDULE", "daily")], |_| {}).await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let mut of_bob = world.user("bob").connect().await;
    let id = hold_by(&chat, "bob", "just before the end", None).await;
    world.pass(61);
    world.housekeep().await;
    of_bob.closed().await;
    let heard: Vec<&str> = of_bob.kinds().filter(|kind| ["message_denied", "session_ended"].contains(kind)).collect();
    assert_eq!(heard, ["message_denied", "session_ended"]);
    let log = mona.get("moderation/actions").await.ok();
    assert_eq!(log["actions"][0]["changes"], json!({"cause": "session_ended"}));
    let body = json!({"action": "approve", "held_id": id, "session_id": 1});
    assert_eq!(act(&mona, &body).await.problem(), (409, "conflict".to_owned()));

    // A sender whose clock is behind is refused, and what it has stored is denied, too.
    world.pass(-61);
    let refusal = try_to_hold(&chat, "bob", "too late", None).await.expect_err("the session has ended");
    assert_eq!(refusal.code(), "chat_not_active");
    world.pass(61);
    assert_eq!(mona.get("moderation/held?session_id=1").await.ok()["held"].as_array().map(Vec::len), Some(1));
    world.housekeep().await;
    assert_eq!(mona.get("moderation/held?session_id=1").await.ok()["held"], json!([]));
}
