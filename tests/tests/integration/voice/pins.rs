//! Pins: acts and their refusals, the status and the frame.

use gateway::token::Claims;
use serde_json::{Value, json};
use tests::world::World;

use super::{act, announce, host, ids, pin, pinned, say, unpin};

#[tokio::test]
async fn everybody_hears_of_a_pin_and_who_comes_later_reads_it() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let (mut plain, mut batched) = (ann.connect().await, ann.connect_to("1", "&batch=1").await);
    assert_eq!(pinned(&ann).await, [0; 0]);
    assert_eq!(plain.ask(&json!({"type": "ping"})).await.get("pins_version"), None, "nothing was ever pinned");
    let first = announce(&hans, &json!({"message": "Welcome", "color": "blue"})).await.ok()["message_id"].as_u64();
    let first = first.expect("an id");
    let reply = json!({"message": "So do I", "reply_to": first}).to_string();
    let second = ann.send_body(reply).await.ok()["message_id"].as_u64().expect("an id");

    let entry = pin(&hans, first).await.ok();
    assert_eq!((&entry["action"], &entry["target"]["message_ids"]), (&json!("pin"), &json!([first])));
    assert_eq!(entry["target"]["user_id"], "hans");
    for socket in [&mut plain, &mut batched] {
        let frame = socket.next("pins_update").await;
        assert_eq!(ids(&frame["pins"]), [first]);
        assert_eq!((&frame["pins"][0]["message"], &frame["pins"][0]["color"]), (&json!("Welcome"), &json!("blue")));
    }
    pin(&hans, second).await.ok();
    let pins = plain.next("pins_update").await["pins"].clone();
    assert_eq!(ids(&pins), [second, first], "the newest pin comes first");
    assert_eq!(pins[0]["reply_to"]["excerpt"], "Welcome");
    let session = world.user("late").get("status").await.ok()["session"].clone();
    assert_eq!((&session["pins"], &session["pins_version"]), (&pins, &json!(2)));
    assert_eq!(plain.ask(&json!({"type": "ping"})).await["pins_version"], 2);

    unpin(&hans, first).await.ok();
    assert_eq!(ids(&plain.next("pins_update").await["pins"]), [second]);
    unpin(&hans, second).await.ok();
    assert_eq!(ids(&plain.next("pins_update").await["pins"]), [0; 0]);
    let log = hans.get("moderation/actions?action=unpin").await.ok();
    assert_eq!(log["actions"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn what_cannot_be_pinned_is_refused() {
    let world = World::start().await;
    let (hans, mona, ann) = (host(&world), world.moderator(), world.user("ann"));
    let mut messages = Vec::new();
    for text in ["one", "two", "three", "four"] {
        messages.push(say(&ann, text).await);
    }
    let conflict = || (409, "conflict".to_owned());
    assert_eq!(unpin(&mona, messages[0]).await.problem(), conflict());
    for id in &messages[..3] {
        pin(&mona, *id).await.ok();
    }
    assert_eq!(pin(&mona, messages[2]).await.problem(), conflict(), "it is pinned already");
    let fourth = pin(&mona, messages[3]).await;
    assert_eq!(fourth.json["detail"], "3 messages are pinned already: unpin one first");
    assert_eq!(fourth.problem(), conflict());
    unpin(&mona, messages[0]).await.ok();
    pin(&mona, messages[3]).await.ok();
    assert_eq!(pinned(&ann).await, [messages[3], messages[2], messages[1]]);

    for id in [100_009_999, 700_000_001] {
        assert_eq!(pin(&hans, id).await.problem(), (404, "not_found".to_owned()), "{id}");
    }
    for body in [json!({"action": "pin"}), json!({"action": "unpin", "message_id": "x"})] {
        assert_eq!(act(&hans, &body).await.problem(), (400, "invalid_request".to_owned()), "{body}");
    }
    assert_eq!(pin(&ann, messages[0]).await.status, 403);
    let claims = |name: &str| Claims { sub: name.to_owned(), capabilities: vec![name.to_owned()], ..Claims::default() };
    let refused = unpin(&world.user_with(claims("moderate")), messages[1]).await;
    assert_eq!(refused.json["detail"], "The token lacks the capability announce");
    unpin(&world.user_with(claims("announce")), messages[1]).await.ok();
    act(&hans, &json!({"action": "timeout", "user_id": "mona", "seconds": 60})).await.ok();
    assert_eq!(unpin(&mona, messages[2]).await.problem(), (403, "timed_out".to_owned()));
}

#[tokio::test]
async fn a_repeated_act_pins_once_and_of_many_at_once_three_succeed() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let id = say(&ann, "one").await;
    let body = json!({"action": "pin", "message_id": id, "client_action_id": "k"});
    let first = act(&hans, &body).await.ok();
    assert_eq!(act(&hans, &body).await.ok()["id"], first["id"]);
    unpin(&hans, id).await.ok();
    assert_eq!(act(&hans, &body).await.ok()["id"], first["id"]);
    assert_eq!(pinned(&ann).await, [0; 0]);

    let mut messages = Vec::new();
    for n in 0..8 {
        messages.push(say(&ann, &format!("message {n}")).await);
    }
    let answers = futures_util::future::join_all(messages.iter().map(|id| pin(&hans, *id))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 3, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert_eq!(pinned(&ann).await.len(), 3);
}

#[tokio::test]
async fn pins_of_the_longest_texts_fit_into_a_frame() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGE_LENGTH", "5000")]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    let mut last = Value::Null;
    for n in 1..=3 {
        let id = say(&ann, &"😀".repeat(5000)).await;
        pin(&hans, id).await.ok();
        last = socket.next("pins_update").await;
        assert_eq!(last["pins"].as_array().map(Vec::len), Some(n));
    }
    assert!(last.to_string().len() <= 32 * 1024);
    assert!(last["pins"].as_array().expect("a list").iter().all(|pin| pin["truncated"] == true));
    assert_eq!(ann.get("messages").await.ok()["messages"][0].get("truncated"), None, "pages have all of it");
}

#[tokio::test]
async fn pins_end_with_their_session() {
    let evening = "2026-01-05T19:30:00-05:00".parse().expect("a time");
    let world = World::start_with(evening, &[("LIVE_CHAT_SCHEDULE", "daily")], |_| {}).await;
    let hans = host(&world);
    let id = say(&hans, "tonight").await;
    pin(&hans, id).await.ok();
    world.pass(24 * 3_600);
    let hans = host(&world);
    assert_eq!(pinned(&hans).await, [0; 0], "another session has pins of its own");
    assert_eq!(unpin(&hans, id).await.problem(), (403, "chat_not_active".to_owned()));
}
