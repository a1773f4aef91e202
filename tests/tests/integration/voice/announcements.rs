//! Announcements: who makes them, what judges them, and where they are seen.

use gateway::token::Claims;
use serde_json::{Value, json};
use tests::world::World;

use super::{act, announce, host};

/// What makes a message an announcement.
fn kind(message: &Value) -> (&Value, &Value) {
    (&message["message_type"], &message["color"])
}

#[tokio::test]
async fn an_announcement_is_a_message_in_frames_pages_and_resume() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    let sent = announce(&hans, &json!({"message": " We start \r\n", "color": "orange"})).await.ok();
    assert_eq!(sent["message"], "Message sent successfully");
    announce(&hans, &json!({"message": "Plain"})).await.ok();
    ann.send("Hello").await.ok();

    let frame = socket.message(1).await;
    assert_eq!((&frame["id"], &frame["message"]), (&sent["message_id"], &json!("We start")));
    assert_eq!(kind(&frame), (&json!("announcement"), &json!("orange")));
    assert_eq!(kind(&socket.message(2).await), (&json!("announcement"), &json!("primary")));
    assert_eq!(kind(&socket.message(3).await), (&json!("text"), &Value::Null));

    let page = ann.get("messages?mine=true").await.ok();
    let resumed = socket.ask(&json!({"type": "resume", "after": 0})).await;
    for messages in [&page["messages"], &resumed["messages"]] {
        assert_eq!(kind(&messages[0]), (&json!("announcement"), &json!("orange")));
        assert_eq!(kind(&messages[2]), (&json!("text"), &Value::Null));
    }
    // It is one like any other.
    ann.post(&format!("like-message/{}", sent["message_id"])).await.ok();
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 3);
    assert_eq!(act(&hans, &json!({"action": "delete", "message_ids": [sent["message_id"]]})).await.status, 200);
    let log = hans.get("moderation/actions").await.ok();
    assert_eq!(log["actions"].as_array().map(Vec::len), Some(1), "its author stands in it, not in the log");
}

#[tokio::test]
async fn it_is_stored_once_and_other_colours_and_people_are_refused() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let body = json!({"message": "Once", "color": "green", "client_message_id": "k"});
    let first = announce(&hans, &body).await.ok();
    let again = announce(&hans, &json!({"message": "Twice", "client_message_id": "k"})).await.ok();
    assert_eq!((&again["message_id"], &again["duplicate"]), (&first["message_id"], &json!(true)));
    assert_eq!(hans.get("messages").await.ok()["messages"].as_array().map(Vec::len), Some(1));

    for color in [json!("red"), json!(""), json!(7), json!(["blue"])] {
        let refused = announce(&hans, &json!({"message": "hi", "color": color})).await;
        assert_eq!(refused.problem(), (400, "invalid_request".to_owned()), "{color}");
    }
    assert_eq!(announce(&hans, &json!({"color": "blue"})).await.problem(), (400, "invalid_message".to_owned()));
    let refused = announce(&ann, &json!({"message": "hi"})).await;
    assert_eq!(refused.json["detail"], "The token lacks the capability announce");
}

#[tokio::test]
async fn no_rule_judges_it_but_a_sanction_and_the_rate_limit_do() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "2")]).await;
    let hans = host(&world);
    // A server's token without `moderate`.
    let claims = Claims { sub: "bot".to_owned(), capabilities: vec!["announce".to_owned()], ..Claims::default() };
    let bot = world.user_with(claims);
    act(&hans, &json!({"action": "set_modes", "modes": {"audience": "staff", "emoji_only": true}})).await.ok();
    announce(&bot, &json!({"message": "one"})).await.ok();
    announce(&bot, &json!({"message": "two"})).await.ok();
    assert_eq!(announce(&bot, &json!({"message": "three"})).await.problem(), (429, "rate_limited".to_owned()));

    for (sanction, code) in [
        (json!({"action": "timeout", "user_id": "mona", "seconds": 60}), "timed_out"),
        (json!({"action": "ban", "user_id": "mona"}), "banned"),
        (json!({"action": "shadow_ban", "user_id": "mona"}), "forbidden"),
    ] {
        let mona = world.moderator();
        act(&hans, &sanction).await.ok();
        assert_eq!(announce(&mona, &json!({"message": "hi"})).await.problem(), (403, code.to_owned()), "{sanction}");
        act(&hans, &json!({"action": "lift", "user_id": "mona"})).await.ok();
    }
    announce(&world.moderator(), &json!({"message": "hi"})).await.ok();
}
