//! A parent that leaves the room takes its quote with it, out of every answer, and brings it back.

use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::{act, gone, on_page, quote, reply, resumed, say};

/// `reply_to` of a message on its author's card.
async fn on_card(staff: &User, user_id: &str, id: u64) -> Value {
    let card = staff.get(&format!("moderation/users/{user_id}")).await.ok();
    let messages = card["messages"].as_array().expect("a list");
    messages.iter().find(|message| message["id"] == id).expect("it is on the card")["reply_to"].clone()
}

#[tokio::test]
async fn a_deleted_or_purged_parent_is_in_no_answer_and_a_restored_one_is_in_all() {
    let world = World::start().await;
    let (ann, bob, mona) = (world.user("ann"), world.user("bob"), world.moderator());
    let parent = say(&ann, "secret").await;
    let answer = reply(&bob, "hi", parent).await.ok()["message_id"].as_u64().expect("an id");
    for (away, ends) in [
        (json!({"action": "delete", "message_ids": [parent]}), "restore"),
        (json!({"action": "purge", "user_id": "ann"}), "restore"),
    ] {
        let act_id = act(&mona, away.clone()).await["id"].clone();
        for reader in [&ann, &bob, &mona] {
            let seen = (on_page(reader, answer).await, resumed(reader, answer).await);
            assert_eq!(seen, (gone(parent), gone(parent)), "{away}");
        }
        assert_eq!(on_card(&mona, "bob", answer).await, gone(parent));
        let kept = mona.get(&format!("moderation/messages/{answer}")).await.ok();
        assert_eq!(kept["message"]["reply_to"], gone(parent));
        act(&mona, json!({"action": ends, "action_id": act_id})).await;
        let back = quote(parent, "ann", "secret");
        assert_eq!((on_page(&bob, answer).await, resumed(&bob, answer).await), (back.clone(), back.clone()), "{away}");
        assert_eq!(on_card(&mona, "bob", answer).await, back);
    }
}

#[tokio::test]
async fn a_hidden_parent_is_gone_for_staff_too() {
    let world = World::with(&[("LIVE_CHAT_HIDE_AT_REPORTS", "2")]).await;
    let (bob, mona) = (world.user("bob"), world.moderator());
    let parent = say(&world.user("ann"), "secret").await;
    let answer = reply(&bob, "hi", parent).await.ok()["message_id"].as_u64().expect("an id");
    for fan in ["fan1", "fan2"] {
        let body = json!({"reason": "spam"}).to_string();
        world.user(fan).call(reqwest::Method::POST, &format!("report-message/{parent}"), Some(body)).await.ok();
    }
    for reader in [&bob, &mona] {
        assert_eq!(on_page(reader, answer).await, gone(parent));
    }
    act(&mona, json!({"action": "dismiss_reports", "message_id": parent})).await;
    assert_eq!(on_page(&bob, answer).await, quote(parent, "ann", "secret"));
}

#[tokio::test]
async fn a_reply_that_is_back_comes_with_its_quote() {
    let world = World::start().await;
    let (bob, mona) = (world.user("bob"), world.moderator());
    let mut socket = bob.connect().await;
    let parent = say(&world.user("ann"), "hello").await;
    let answer = reply(&bob, "hi", parent).await.ok()["message_id"].clone();
    let deletion = act(&mona, json!({"action": "delete", "message_ids": [answer]})).await["id"].clone();
    socket.next("message_deleted").await;
    act(&mona, json!({"action": "restore", "action_id": deletion})).await;
    assert_eq!(socket.next("message_restored").await["message"]["reply_to"], quote(parent, "ann", "hello"));
}

#[tokio::test]
async fn a_masked_word_stays_masked_in_the_quote() {
    let world = World::start().await;
    let bob = world.user("bob");
    let terms =
        json!({"terms": [{"term": "darn", "match": "word", "action": "mask"}], "allow": [], "link_domains": []});
    world.host().call(reqwest::Method::PUT, "moderation/terms", Some(terms.to_string())).await.ok();
    let parent = say(&bob, "oh darn it").await;
    let answer = reply(&bob, "hi", parent).await.ok()["message_id"].as_u64().expect("an id");
    assert_eq!(on_page(&bob, answer).await["excerpt"], "oh **** it");
}

#[tokio::test]
async fn a_held_reply_names_its_parent_and_quotes_it_once_it_is_approved() {
    let world = World::start().await;
    let (ann, bob, mona) = (world.user("ann"), world.user("bob"), world.moderator());
    let (mut of_bob, mut of_mona) = (bob.connect().await, mona.connect().await);
    let (kept, deleted) = (say(&ann, "stays").await, say(&ann, "goes").await);
    act(&mona, json!({"action": "set_modes", "modes": {"review_all": true}})).await;
    for parent in [kept, deleted] {
        let body = json!({"message": "hi", "reply_to": parent, "mentions": ["ann"]});
        assert_eq!(bob.send_body(body.to_string()).await.status, 202);
        let held = of_mona.next("message_held").await["held"].clone();
        assert_eq!((&held["reply_to"], &held["mentions"]), (&json!({"id": parent}), &json!(["ann"])));
    }
    ann.delete(&format!("messages/{deleted}")).await.ok();
    let list = mona.get("moderation/held").await.ok()["held"].clone();
    for (nth, expected) in [(0, quote(kept, "ann", "stays")), (1, gone(deleted))] {
        act(&mona, json!({"action": "approve", "held_id": list[nth]["held_id"]})).await;
        let message = of_bob.wait_for("the reply", |event| event["message"]["user_id"] == "bob").await;
        assert_eq!((&message["message"]["reply_to"], &message["message"]["mentions"]), (&expected, &json!(["ann"])));
    }
}
