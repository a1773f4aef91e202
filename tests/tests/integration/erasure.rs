//! Erasures (docs/contract.md, Erasure): nothing of the user is left in any table and in any answer.

mod kinds;
mod steps;

use std::collections::BTreeMap;

use gateway::token::Claims;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::permissions::Permissions;
use tests::proxy::Proxy;
use tests::rest::User;
use tests::world::World;

/// The user who is erased, and whose id, name and texts nothing else has in it.
const ID: &str = "xerxes";
/// All that may not be left.
const TRACES: [&str; 4] = ["xerxes", "Quirinus", "zanzibar", "picture.example"];
const TABLES: [&str; 3] = ["live-chat-chat", "live-chat-connections", "live-chat-audit"];

fn xerxes(world: &World) -> User {
    let (name, picture) = (Some("Quirinus Q".to_owned()), Some("https://picture.example/q.png".to_owned()));
    world.user_with(Claims { sub: ID.to_owned(), name, picture, ..Claims::default() })
}

/// A world whose functions may do with the tables what the template grants them, and nothing else: an erasure that needs more does not end.
async fn permitted_world() -> (World, Proxy, Permissions) {
    let (world, proxy) = World::watched(Timestamp::now(), &[]).await;
    let permissions = Permissions::default();
    let judging = permissions.clone();
    proxy.judge(move |request| judging.judge(request));
    (world, proxy, permissions)
}

/// Acts.
async fn act(actor: &User, body: &Value) -> Answer {
    actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await
}

/// Every row of all tables that names the user: the table, the key, and the row.
async fn rows_that_name(world: &World) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for table in TABLES {
        let mut pages = world.dynamodb().scan().table_name(table).consistent_read(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            for item in page.expect("the table answers").items() {
                let row: Value = serde_dynamo::from_item(item.clone()).expect("JSON");
                let text = row.to_string();
                let is_over = row["expires_at"].as_i64().is_some_and(|at| at <= world.clock.now().as_second());
                // DynamoDB deletes it in its own time.
                if !is_over && TRACES.iter().any(|trace| text.contains(trace)) {
                    found.insert(format!("{table} {} {}", row["pk"], row["sk"]), text);
                }
            }
        }
    }
    found
}

/// Lets `housekeep` run until nothing is left to erase.
async fn until_erased(world: &World) {
    for _ in 0..10 {
        world.housekeep().await;
        if world.store().erasures().await.expect("the table answers").is_empty() {
            return;
        }
        world.pass(6 * 60);
    }
    panic!("the erasure does not end");
}

/// Reacts, asks, votes in a poll that ends and in one that stays open, wins a draw, and is excluded from another.
async fn take_part(world: &World, user: &User) {
    let hans = world.host();
    let post = async |by: &User, path: &str, body: Value| {
        let answer = by.call(Method::POST, path, Some(body.to_string())).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.json);
        answer.json
    };
    post(user, "react", json!({"reactions": {"🎉": 2}})).await;
    let asked = json!({"message": "when, zanzibar?", "kind": "question"}).to_string();
    user.send_body(asked).await.ok();
    let poll = json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 600});
    for is_to_end in [true, false] {
        let id = post(&hans, "polls", poll.clone()).await["poll"]["id"].clone();
        post(user, &format!("polls/{id}/vote"), json!({"option": 1})).await;
        if is_to_end {
            post(&hans, &format!("polls/{id}/close"), json!({})).await;
        } else {
            post(&hans, "draws", json!({"prize": "A cup", "winners": 1, "among": "voters", "poll_id": id})).await;
        }
    }
    let draws = hans.get("draws").await.ok();
    let won = post(&hans, &format!("draws/{}/reveal", draws["draws"][0]["id"]), json!({})).await;
    assert_eq!(won["draw"]["winners"], json!([ID]), "nobody else has voted");
    post(&hans, "draws", json!({"prize": "A hat", "winners": 1, "among": "senders", "exclude": [ID]})).await;
}

/// All that the user does, and what others do to the user, in the open session.
async fn a_life(world: &World, user: &User) -> u64 {
    let (hans, ann) = (world.host(), world.user("ann"));
    let mut socket = user.connect().await;
    socket.say("zanzibar by socket").await;
    let mine = user.send_as("zanzibar one", "key").await.ok()["message_id"].as_u64().expect("an id");
    let anns = ann.send("hello").await.ok()["message_id"].as_u64().expect("an id");
    let mention = json!({"message": "you too", "reply_to": mine, "mentions": [ID, "hans"]}).to_string();
    ann.send_body(mention).await.ok();
    let only = json!({"message": "you", "mentions": [ID]}).to_string();
    ann.send_body(only).await.ok();
    for id in [mine, anns] {
        user.post(&format!("like-message/{id}")).await.ok();
        ann.post(&format!("like-message/{id}")).await.ok();
    }
    user.post("like").await.ok();
    user.ticket().await;
    user.get("messages").await.ok();
    let report = |comment: &str| json!({"reason": "spam", "comment": comment}).to_string();
    user.call(Method::POST, &format!("report-message/{anns}"), Some(report("zanzibar, he says"))).await.ok();
    ann.call(Method::POST, &format!("report-message/{mine}"), Some(report("Quirinus again"))).await.ok();
    act(&hans, &json!({"action": "note", "user_id": ID, "text": "says zanzibar"})).await.ok();
    act(&hans, &json!({"action": "pin", "message_id": mine})).await.ok();
    let gone = user.send("zanzibar two").await.ok()["message_id"].clone();
    act(&hans, &json!({"action": "delete", "message_ids": [gone], "reason": "no zanzibar"})).await.ok();
    act(&hans, &json!({"action": "set_modes", "modes": {"review_all": true}})).await.ok();
    let held = async |text: &str| user.send(text).await.json["held_id"].clone();
    let (first, second, _third) =
        (held("zanzibar three").await, held("zanzibar four").await, held("zanzibar five").await);
    let others = json!({"message": "hey", "mentions": [ID]}).to_string();
    ann.send_body(others).await;
    act(&hans, &json!({"action": "approve", "held_id": first})).await.ok();
    act(&hans, &json!({"action": "deny", "held_id": second})).await.ok();
    act(&hans, &json!({"action": "set_modes", "modes": {"review_all": false}})).await.ok();
    let ann_again = json!({"message": "and again", "mentions": [ID]}).to_string();
    ann.send_body(ann_again).await.ok();
    act(&hans, &json!({"action": "shadow_ban", "user_id": ID})).await.ok();
    user.send("zanzibar to nobody").await.ok();
    act(&hans, &json!({"action": "lift", "user_id": ID})).await.ok();
    act(&hans, &json!({"action": "purge", "user_id": ID})).await.ok();
    user.send("zanzibar after the purge").await.ok();
    take_part(world, user).await;
    let timeout = json!({"action": "timeout", "user_id": ID, "seconds": 5, "explanation": "Quirinus, stop"});
    act(&hans, &timeout).await.ok();
    mine
}
