//! Taking messages away by an act, and bringing them back.

use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::rest::User;
use tests::world::World;

use super::{act, behind_a_proxy, moderator};

async fn texts(reader: &User) -> Vec<String> {
    let page = reader.get("messages").await.ok();
    let messages = page["messages"].as_array().expect("messages").iter();
    messages.map(|message| message["message"].as_str().expect("a text").to_owned()).collect()
}

/// Bob and Ann have said something.
async fn talk(world: &World) -> (User, User) {
    let (bob, ann) = (world.user("bob"), world.user("ann"));
    for (user, text) in [(&bob, "spam"), (&ann, "hello"), (&bob, "more spam")] {
        user.send(text).await.ok();
    }
    (bob, ann)
}

#[tokio::test]
async fn a_purge_takes_one_users_messages_and_a_restore_brings_them_back() {
    let world = World::start().await;
    let mona = moderator(&world);
    let (bob, ann) = talk(&world).await;
    let mut socket = ann.connect().await;
    let purge = act(&mona, &json!({"action": "purge", "user_id": "bob", "reason": "spam"})).await.ok();
    assert_eq!(texts(&ann).await, ["hello"]);
    let frame = socket.next("user_purged").await;
    assert_eq!((&frame["user_id"], &frame["up_to_seq"]), (&json!("bob"), &json!(3)));
    bob.send("sorry").await.ok();
    assert_eq!(texts(&ann).await, ["hello", "sorry"], "a purge is no ban");

    let restore = json!({"action": "restore", "action_id": purge["id"], "client_action_id": "undo"});
    let restored = act(&mona, &restore).await.ok();
    assert_eq!(restored["changes"], json!({"action_id": purge["id"], "action": "purge"}));
    assert_eq!(act(&mona, &restore).await.ok(), restored);
    assert_eq!(texts(&ann).await, ["spam", "hello", "more spam", "sorry"]);
    socket.next("messages_restored").await;
}

#[tokio::test]
async fn a_ban_can_take_the_messages_with_it() {
    let world = World::start().await;
    let (_bob, ann) = talk(&world).await;
    let ban = act(&moderator(&world), &json!({"action": "ban", "user_id": "bob", "delete_messages": true})).await.ok();
    assert_eq!(ban["changes"]["delete_messages"], true);
    assert_eq!(texts(&ann).await, ["hello"]);
    act(&moderator(&world), &json!({"action": "restore", "action_id": ban["id"]})).await.ok();
    assert_eq!(texts(&ann).await, ["spam", "hello", "more spam"]);
    assert_eq!(world.user("bob").send("again").await.problem(), (403, "banned".to_owned()), "the ban stays");
}

#[tokio::test]
async fn a_clear_takes_everything_up_to_now() {
    let world = World::start().await;
    let mona = moderator(&world);
    let (bob, ann) = talk(&world).await;
    let clear = act(&mona, &json!({"action": "clear", "client_action_id": "key"})).await.ok();
    assert_eq!((&clear["target"], texts(&ann).await.len()), (&json!({}), 0));
    bob.send("afterwards").await.ok();
    assert_eq!(act(&mona, &json!({"action": "clear", "client_action_id": "key"})).await.ok(), clear);
    assert_eq!(texts(&ann).await, ["afterwards"], "a repeat takes no more than the first call");
}

#[tokio::test]
async fn what_took_nothing_or_is_old_or_unknown_is_not_restored() {
    let world = World::start().await;
    let mona = moderator(&world);
    let _talk = talk(&world).await;
    let note = act(&mona, &json!({"action": "note", "user_id": "bob", "text": "seen"})).await.ok();
    let purge = act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    let restore =
        async |id: &Value| act(&moderator(&world), &json!({"action": "restore", "action_id": id})).await.problem();
    assert_eq!(restore(&note["id"]).await, (409, "conflict".to_owned()));
    assert_eq!(restore(&json!("01kb5d2m7c8hq4t0v9w3x5y6z7")).await, (404, "not_found".to_owned()));
    world.pass(24 * 3600 + 1);
    assert_eq!(restore(&purge["id"]).await, (409, "conflict".to_owned()));
}

#[tokio::test]
async fn a_purge_whose_answer_was_lost_is_one_purge() {
    let (world, proxy) = behind_a_proxy().await;
    let mona = moderator(&world);
    let (_bob, ann) = talk(&world).await;
    proxy.judge(|request| {
        let is_cover = request.body.contains("covered#1") && request.operation == "TransactWriteItems";
        if is_cover { Fate::denied() } else { Fate::Pass }
    });
    let body = json!({"action": "purge", "user_id": "bob", "client_action_id": "key"});
    assert_eq!(act(&mona, &body).await.problem(), (503, "unavailable".to_owned()));
    proxy.judge(|_| Fate::Pass);
    let purge = act(&mona, &body).await.ok();
    assert_eq!(texts(&ann).await, ["hello"]);
    assert_eq!(mona.get("moderation/actions").await.ok()["actions"], json!([purge]));
}
