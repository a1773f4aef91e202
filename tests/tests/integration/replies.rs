//! Replies and mentions: what a reply shows of its parent, and how it goes with the parent.

mod gone;
mod races;
mod shadowed;

use reqwest::Method;
use serde_json::{Value, json};
use tests::rest::{Answer, User};
use tests::world::World;

/// Sends a reply.
async fn reply(user: &User, text: &str, parent: u64) -> Answer {
    user.send_body(json!({"message": text, "reply_to": parent}).to_string()).await
}

/// Sends a message that must be stored; returns its id.
async fn say(user: &User, text: &str) -> u64 {
    user.send(text).await.ok()["message_id"].as_u64().expect("an id")
}

async fn act(user: &User, action: Value) -> Value {
    user.call(Method::POST, "moderation/actions", Some(action.to_string())).await.ok()
}

fn quote(id: u64, user_id: &str, excerpt: &str) -> Value {
    json!({"id": id, "user_id": user_id, "username": format!("Name of {user_id}"), "excerpt": excerpt})
}

fn gone(id: u64) -> Value {
    json!({"id": id, "user_id": null, "username": null, "excerpt": null})
}

/// `reply_to` of a message as a reader's page has it.
async fn on_page(reader: &User, id: u64) -> Value {
    let page = reader.get("messages").await.ok();
    let messages = page["messages"].as_array().expect("a list");
    messages.iter().find(|message| message["id"] == id).expect("it is on the page")["reply_to"].clone()
}

/// `reply_to` of a message as `resumed` has it for a reader.
async fn resumed(reader: &User, id: u64) -> Value {
    let mut socket = reader.connect().await;
    let resumed = socket.ask(&json!({"type": "resume", "after": id % 100_000_000 - 1})).await;
    resumed["messages"][0]["reply_to"].clone()
}

#[tokio::test]
async fn a_reply_quotes_its_parent_by_rest_and_socket_in_pages_resume_and_frames() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let (mut plain, mut batched) = (ann.connect().await, ann.connect_to("1", "&batch=1").await);
    let mut of_bob = bob.connect().await;
    let parent = say(&ann, &format!("one\ntwo {}", "x".repeat(200))).await;
    let expected = quote(parent, "ann", &format!("one two {}", "x".repeat(92)));
    let first = reply(&bob, "by REST", parent).await.ok()["message_id"].as_u64().expect("an id");
    let frame = json!({"type": "message", "message": "by socket", "reply_to": first, "mentions": ["ann", 7, "ann"]});
    let second = of_bob.ask(&frame).await["message_id"].as_u64().expect("an id");
    for socket in [&mut plain, &mut batched] {
        assert_eq!(socket.message(2).await["reply_to"], expected);
        let message = socket.message(3).await;
        assert_eq!(message["reply_to"], quote(first, "bob", "by REST"), "its own parent alone");
        assert_eq!(message["mentions"], json!(["ann", "7"]));
        let keys = socket.message(1).await;
        assert!(keys.get("reply_to").is_none() && keys.get("mentions").is_none(), "{keys}");
    }
    assert_eq!((on_page(&ann, first).await, resumed(&ann, first).await), (expected.clone(), expected));
    // The parent is not on this page.
    let page = ann.get(&format!("messages?after={first}")).await.ok();
    assert_eq!(page["messages"][0]["reply_to"], quote(first, "bob", "by REST"));
    assert_eq!(page["messages"][0]["id"], second);
}

#[tokio::test]
async fn a_parent_that_its_sender_cannot_see_is_refused_and_nothing_is_sent() {
    let world = World::with(&[("LIVE_CHAT_HIDE_AT_REPORTS", "2")]).await;
    let (ann, bob, mona) = (world.user("ann"), world.user("bob"), world.moderator());
    let mut socket = bob.connect().await;
    let (deleted, hidden, purged) = (say(&ann, "1").await, say(&ann, "2").await, say(&world.user("carl"), "3").await);
    ann.delete(&format!("messages/{deleted}")).await.ok();
    for fan in ["fan1", "fan2"] {
        let body = json!({"reason": "spam"}).to_string();
        world.user(fan).call(Method::POST, &format!("report-message/{hidden}"), Some(body)).await.ok();
    }
    act(&mona, json!({"action": "purge", "user_id": "carl"})).await;
    for parent in [deleted, hidden, purged, 100_000_099, 200_000_001, 0] {
        for sender in [&bob, &mona] {
            assert_eq!(reply(sender, "hi", parent).await.problem(), (404, "not_found".to_owned()), "{parent}");
        }
        let frame = json!({"type": "message", "message": "hi", "client_message_id": "k", "reply_to": parent});
        let refused = socket.ask(&frame).await;
        assert_eq!((&refused["code"], &refused["client_message_id"]), (&json!("not_found"), &json!("k")), "{parent}");
    }
    // The key is free, and the session has no other messages.
    let frame = json!({"type": "message", "message": "hi", "client_message_id": "k"});
    assert_eq!(socket.ask(&frame).await["duplicate"], false);
    assert_eq!(bob.get("messages").await.ok()["messages"].as_array().expect("a list").len(), 1);
}

#[tokio::test]
async fn what_is_no_id_and_no_list_of_ids_is_refused() {
    let world = World::start().await;
    let bob = world.user("bob");
    for body in [
        json!({"message": "hi", "reply_to": "100000001"}),
        json!({"message": "hi", "reply_to": 1.5}),
        json!({"message": "hi", "mentions": "ann"}),
        json!({"message": "hi", "mentions": ["a", "b", "c", "d", "e", "f"]}),
        json!({"message": "hi", "mentions": [""]}),
    ] {
        assert_eq!(bob.send_body(body.to_string()).await.problem(), (400, "invalid_request".to_owned()), "{body}");
    }
    let nobody = json!({"message": "hi", "reply_to": null, "mentions": ["there is no such user"]});
    bob.send_body(nobody.to_string()).await.ok();
    let page = bob.get("messages").await.ok();
    assert_eq!(page["messages"][0]["mentions"], json!(["there is no such user"]));
}

#[tokio::test]
async fn a_repeat_is_answered_as_before_whatever_became_of_the_parent() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let parent = say(&ann, "hello").await;
    let body = json!({"message": "hi", "client_message_id": "k", "reply_to": parent}).to_string();
    let first = bob.send_body(body.clone()).await.ok();
    ann.delete(&format!("messages/{parent}")).await.ok();
    let again = bob.send_body(body).await.ok();
    assert_eq!((&again["message_id"], &again["duplicate"]), (&first["message_id"], &json!(true)));
}
