//! The shield: a strict set of modes for a while.

use serde_json::{Value, json};

use super::super::{act, moderator};
use super::{modes_of, refusal, refused, set, unlimited};

#[tokio::test]
async fn a_shield_covers_the_modes_and_ends_by_itself() {
    let world = unlimited(&[("LIVE_CHAT_SHIELD_MODES", r#"{"audience": "members"}"#)]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    set(&mona, json!({"slow_seconds": 2})).await;
    let mut listener = bob.connect().await;
    let entry = act(&mona, &json!({"action": "shield", "on": true, "minutes": 10})).await.ok();
    assert_eq!(entry["changes"], json!({"on": true, "modes": {"audience": "members"}}));
    listener.wait_for("the shield", |event| event["modes"]["shield_until"].is_string()).await;
    let modes = listener.events.last().expect("a frame")["modes"].clone();
    assert_eq!((&modes["audience"], &modes["slow_seconds"]), (&json!("members"), &json!(2)));
    assert_eq!((&modes["shield_until"], &modes), (&entry["until"], &modes_of(&bob).await));
    assert_eq!(refusal(&bob, "hello").await, refused(403, "members_only"));
    // What is set meanwhile holds after the shield.
    set(&mona, json!({"slow_seconds": 0, "emoji_only": true})).await;
    assert_eq!(refusal(&bob, "hello").await, refused(403, "members_only"));
    assert_eq!(listener.next("modes_update").await["modes"], modes);
    world.pass(10 * 60);
    assert_eq!(refusal(&bob, "hello").await, refused(422, "emoji_only"), "nothing waits for housekeeping");
    world.housekeep().await;
    let modes = listener.next("modes_update").await["modes"].clone();
    assert_eq!(
        (&modes["audience"], &modes["emoji_only"], &modes["shield_until"]),
        (&json!("everyone"), &json!(true), &Value::Null)
    );
    let log = mona.get("moderation/actions?limit=1").await.ok();
    let ended = &log["actions"][0];
    assert_eq!((&ended["action"], &ended["actor_type"]), (&json!("shield"), &json!("system")));
    assert_eq!((&ended["changes"], &ended["actor"]["user_id"]), (&json!({"on": false}), &Value::Null));
    world.housekeep().await;
    assert_eq!(mona.get("moderation/actions?limit=1").await.ok(), log, "it ends once");
}

#[tokio::test]
async fn a_shield_is_taken_off_once() {
    let world = unlimited(&[]).await;
    let mona = moderator(&world);
    let off = json!({"action": "shield", "on": false});
    assert_eq!(act(&mona, &off).await.problem(), refused(409, "conflict"));
    act(&mona, &json!({"action": "shield", "on": true})).await.ok();
    let modes = modes_of(&mona).await;
    assert_eq!(
        (&modes["slow_seconds"], &modes["links"], &modes["unique_seconds"]),
        (&json!(30), &json!("block"), &json!(60))
    );
    act(&mona, &off).await.ok();
    assert_eq!(modes_of(&mona).await["slow_seconds"], 0);
    assert_eq!(act(&mona, &off).await.problem(), refused(409, "conflict"));
}
