//! Presets: the modes that a room keeps.

use reqwest::Method;
use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::super::{act, host, moderator};
use super::{modes_of, refusal, refused, set, unlimited};

#[tokio::test]
async fn presets_are_saved_by_a_host_and_read_by_staff() {
    let world = World::with(&[
        ("LIVE_CHAT_DEFAULT_MODES", r#"{"slow_seconds": 7}"#),
        ("LIVE_CHAT_SCHEDULE", "daily"),
        ("DRAW_TIMEZONE", "UTC"),
    ])
    .await;
    let (mona, hans) = (moderator(&world), host(&world));
    let presets = mona.get("moderation/presets").await.ok();
    let shield = json!({"slow_seconds": 30, "links": "block", "unique_seconds": 60});
    assert_eq!(presets, json!({"default": {"slow_seconds": 7}, "shield": shield}));
    let put = |user: User, body: Value| async move {
        user.call(Method::PUT, "moderation/presets", Some(body.to_string())).await
    };
    let body = json!({"default": {"emoji_only": true}});
    assert_eq!(put(mona.clone(), body.clone()).await.problem(), refused(403, "forbidden"));
    let saved = put(hans.clone(), body).await.ok();
    assert_eq!(
        (&saved, &mona.get("moderation/presets").await.ok()),
        (&json!({"default": {"emoji_only": true}, "shield": shield}), &saved)
    );
    for (body, expected) in [
        (json!({}), (400, "invalid_request")),
        (json!({"default": {"slow_seconds": 500}}), (400, "invalid_request")),
        (json!([]), (400, "invalid_request")),
    ] {
        let answer = put(hans.clone(), body.clone()).await.problem();
        assert_eq!((answer.0, answer.1.as_str()), expected, "{body}");
    }
    let of_attic = mona.get("moderation/presets?room=attic").await.ok();
    assert_eq!(of_attic, presets, "each room has its own");
    assert_eq!(mona.get("moderation/presets?room=The%20attic").await.problem(), refused(400, "invalid_request"));
    let entry = hans.get("moderation/actions?action=put_presets").await.ok()["actions"][0].clone();
    assert_eq!(entry["changes"], json!({"room": "main", "presets": saved}));
}

#[tokio::test]
async fn a_new_session_starts_with_the_default_modes() {
    let world = unlimited(&[("LIVE_CHAT_DEFAULT_MODES", r#"{"emoji_only": true}"#)]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    assert_eq!(refusal(&bob, "words").await, refused(422, "emoji_only"));
    assert_eq!(modes_of(&bob).await["emoji_only"], true);
    set(&mona, json!({"slow_seconds": 1})).await;
    assert_eq!(refusal(&bob, "words").await, refused(422, "emoji_only"));
    set(&mona, json!({"emoji_only": false, "slow_seconds": 0})).await;
    bob.send("words").await.ok();
}

#[tokio::test]
async fn two_who_save_presets_at_once_lose_nothing() {
    let world = unlimited(&[]).await;
    let (hans, hanna) = (host(&world), world.user_as("hanna", "host"));
    let put = async |user: &User, body: Value| {
        user.call(Method::PUT, "moderation/presets", Some(body.to_string())).await.ok();
    };
    for seconds in 1..6 {
        let modes = json!({"slow_seconds": seconds});
        let (default, shield) = (json!({"default": modes}), json!({"shield": modes}));
        tokio::join!(put(&hans, default), put(&hanna, shield));
        assert_eq!(hans.get("moderation/presets").await.ok(), json!({"default": modes, "shield": modes}));
    }
}

#[tokio::test]
async fn saved_presets_hold_for_the_next_session_and_the_next_shield() {
    let evening = "2026-01-05T19:30:00Z".parse().expect("a time");
    let daily = [("LIVE_CHAT_SCHEDULE", "daily"), ("DRAW_TIMEZONE", "UTC")];
    let world = World::at(evening, &daily).await;
    let hans = host(&world);
    let before = modes_of(&hans).await;
    let body = json!({"default": {"emoji_only": true}, "shield": {"audience": "staff"}});
    hans.call(Method::PUT, "moderation/presets", Some(body.to_string())).await.ok();
    assert_eq!(modes_of(&hans).await, before, "the running session keeps its modes");
    act(&hans, &json!({"action": "shield", "on": true, "minutes": 10})).await.ok();
    assert_eq!(modes_of(&hans).await["audience"], "staff");
    world.pass(24 * 3600);
    let modes = modes_of(&hans).await;
    assert_eq!((&modes["emoji_only"], &modes["audience"]), (&json!(true), &json!("everyone")));
}
