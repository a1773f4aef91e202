//! Acts in lots, at once, and in two parts, the second of which fails.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;
use tests::proxy::Fate;
use tests::world::World;

use super::{act, behind_a_proxy, fails_after_the_transaction, moderator};

#[tokio::test]
async fn messages_are_deleted_in_lots_and_those_that_are_gone_are_left_out() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut listener = bob.connect().await;
    let sent = join_all((0..30).map(|nth| {
        let bob = bob.clone();
        async move { bob.send(&format!("spam {nth}")).await.ok()["message_id"].as_u64().expect("an id") }
    }));
    let ids: Vec<u64> = sent.await;
    listener.until_messages(30).await;
    bob.delete(&format!("messages/{}", ids[3])).await.ok();
    let body = json!({"action": "delete", "message_ids": ids, "client_action_id": "spam"});
    let answer = act(&mona, &body).await.ok();
    let lots: Vec<usize> = answer["actions"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| entry["target"]["message_ids"].as_array().expect("ids").len())
        .collect();
    assert_eq!(lots, [24, 5]);
    assert_eq!(act(&mona, &body).await.ok(), answer, "a repeat answers the first entries");
    let mut heard = BTreeSet::new();
    while heard.len() < 30 {
        heard.insert(listener.next("message_deleted").await["message_id"].as_u64().expect("an id"));
    }
    assert_eq!(heard, ids.iter().copied().collect());
    assert_eq!(bob.get("messages").await.ok()["messages"], json!([]));
}

#[tokio::test]
async fn an_answer_that_was_lost_comes_again_and_nothing_happens_twice() {
    let (world, proxy) = behind_a_proxy().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut socket = bob.connect().await;
    proxy.judge(fails_after_the_transaction);
    let body = json!({"action": "ban", "user_id": "bob", "client_action_id": "key"});
    assert_eq!(act(&mona, &body).await.problem(), (503, "unavailable".to_owned()));
    proxy.judge(|_| Fate::Pass);
    let entry = act(&mona, &body).await.ok();
    assert_eq!(act(&mona, &body).await.ok(), entry);
    socket.closed().await;
    assert_eq!(mona.get("moderation/actions").await.ok()["actions"], json!([entry]));
}

#[tokio::test]
async fn an_act_that_nobody_repeats_is_finished_by_housekeep() {
    let (world, proxy) = behind_a_proxy().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut socket = bob.connect().await;
    proxy.judge(fails_after_the_transaction);
    assert_eq!(act(&mona, &json!({"action": "ban", "user_id": "bob"})).await.status, 503);
    proxy.judge(|_| Fate::Pass);
    world.pass(31);
    world.housekeep().await;
    socket.closed().await;
    assert_eq!(bob.send("hello").await.problem(), (403, "banned".to_owned()));
}

#[tokio::test]
async fn two_moderators_who_act_at_once_lose_nothing() {
    let world = World::start().await;
    let mona = moderator(&world);
    let notes =
        join_all(
            (0..10).map(|nth| {
                let mona = mona.clone();
                async move {
                    act(&mona, &json!({"action": "note", "user_id": "bob", "text": format!("note {nth}")})).await.ok()
                }
            }),
        );
    assert_eq!(notes.await.len(), 10);
    let card = mona.get("moderation/users/bob").await.ok();
    let texts: BTreeSet<&str> =
        card["notes"].as_array().expect("notes").iter().filter_map(|note| note["text"].as_str()).collect();
    assert_eq!(texts.len(), 10);
}
