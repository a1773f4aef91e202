//! A pinned message that leaves the room is pinned no longer.

use serde_json::{Value, json};
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

use super::{act, host, ids, pin, pinned, say};

/// The number of the changes of pins.
async fn version(user: &User) -> u64 {
    user.get("status").await.ok()["session"]["pins_version"].as_u64().expect("a number")
}

/// Waits until a socket hears that these are pinned, since a later change than this. A message that is gone is in no frame, even before it
/// is unpinned.
async fn heard(socket: &mut Socket, expected: &[u64], before: u64) {
    let is_later = |event: &Value| event["pins_version"].as_u64().is_some_and(|version| version > before);
    socket
        .wait_for("the pins", |event| {
            event["type"] == "pins_update" && is_later(event) && ids(&event["pins"]) == expected
        })
        .await;
}

#[tokio::test]
async fn a_message_that_leaves_the_room_is_unpinned_for_good() {
    let world = World::start().await;
    let (hans, ann, bob) = (host(&world), world.user("ann"), world.user("bob"));
    let stays = say(&hans, "stays").await;
    pin(&hans, stays).await.ok();
    for name in ["delete", "purge", "shadow_ban"] {
        let id = say(&ann, name).await;
        pin(&hans, id).await.ok();
        let mut socket = bob.connect().await;
        assert_eq!(pinned(&bob).await, [id, stays]);
        let before = version(&bob).await;
        let entry = act(&hans, &json!({"action": name, "message_ids": [id], "user_id": "ann"})).await.ok();
        assert_eq!(pinned(&bob).await, [stays], "{name}: from the acknowledgement on");
        heard(&mut socket, &[stays], before).await;
        if name != "shadow_ban" {
            act(&hans, &json!({"action": "restore", "action_id": entry["id"]})).await.ok();
            assert_eq!(pinned(&bob).await, [stays], "{name}: it is back, but nobody has pinned it since");
        }
        socket.close(1000).await;
    }
    // An older message of a shadow banned author is no better.
    let shown = ann.get("messages").await.ok()["messages"][1]["id"].as_u64().expect("an id");
    assert_eq!(pin(&hans, shown).await.problem(), (409, "conflict".to_owned()));
    let shadowed = say(&ann, "shadowed").await;
    assert_eq!(pin(&hans, shadowed).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(pinned(&hans).await, [stays], "staff see the same pins");

    let (mut socket, before) = (bob.connect().await, version(&bob).await);
    act(&hans, &json!({"action": "clear"})).await.ok();
    assert_eq!(pinned(&bob).await, [0; 0]);
    heard(&mut socket, &[], before).await;
    assert_eq!(pin(&hans, stays).await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn its_author_takes_it_back_and_its_place_is_free() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut messages = Vec::new();
    for n in 0..4 {
        messages.push(say(&ann, &format!("message {n}")).await);
    }
    for id in &messages[..3] {
        pin(&hans, *id).await.ok();
    }
    ann.delete(&format!("messages/{}", messages[1])).await.ok();
    pin(&hans, messages[3]).await.ok();
    assert_eq!(pinned(&ann).await, [messages[3], messages[2], messages[0]]);
}

/// Reports a message as these users.
async fn report<const N: usize>(world: &World, id: u64, reporters: [&str; N]) {
    for name in reporters {
        let user: User = world.user(name);
        let body = json!({"reason": "spam"}).to_string();
        user.call(reqwest::Method::POST, &format!("report-message/{id}"), Some(body)).await.ok();
    }
}

#[tokio::test]
async fn reports_do_not_hide_what_staff_have_pinned() {
    let world = World::with(&[("LIVE_CHAT_HIDE_AT_REPORTS", "2")]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let id = say(&ann, "disputed").await;
    pin(&hans, id).await.ok();
    report(&world, id, ["bob", "carl"]).await;
    assert_eq!(pinned(&ann).await, [id]);
    super::unpin(&hans, id).await.ok();
    report(&world, id, ["dora"]).await;
    assert_eq!(ann.get("messages").await.ok()["messages"], json!([]), "the next report hides it");
    assert_eq!(pin(&hans, id).await.status, 404);
}
