//! Shadowed messages: nobody but their author and staff sees them, and the author cannot tell.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::proxy::{Fate, for_a_while};
use tests::rest::User;
use tests::world::World;

use super::{act, behind_a_proxy, host, moderator};

async fn shadow(world: &World, user_id: &str) {
    act(&moderator(world), &json!({"action": "shadow_ban", "user_id": user_id})).await.ok();
}

/// The texts of a page, and whether each is marked as shadowed.
async fn page(reader: &User) -> Vec<(String, bool)> {
    let page = reader.get("messages").await.ok();
    let texts = page["messages"].as_array().expect("a list").iter();
    texts.map(|one| (one["message"].as_str().expect("a text").to_owned(), one["shadowed"] == true)).collect()
}

fn plain(texts: &[&str]) -> Vec<(String, bool)> {
    texts.iter().map(|text| ((*text).to_owned(), false)).collect()
}

#[tokio::test]
async fn only_the_author_and_staff_hear_and_read_what_a_shadow_banned_user_writes() {
    let world = World::start().await;
    let (ann, bob, mona) = (world.user("ann"), world.user("bob"), moderator(&world));
    let (mut of_ann, mut of_mona) = (ann.connect().await, mona.connect().await);
    let (mut of_bob, mut elsewhere) = (bob.connect().await, bob.connect().await);
    ann.send("one").await.ok();
    shadow(&world, "bob").await;
    let ack = of_bob.say("two").await;
    assert_eq!((&ack["type"], &ack["status"]), (&json!("ack"), &Value::Null), "{ack}");
    ann.send("three").await.ok();
    for socket in [&mut of_bob, &mut elsewhere, &mut of_mona] {
        socket.until_messages(3).await;
    }
    of_ann.until_messages(2).await;
    let heard = |socket: &tests::socket::Socket| {
        let messages = socket.messages();
        messages.map(|one| (one["message"].as_str().unwrap().to_owned(), one["shadowed"] == true)).collect::<Vec<_>>()
    };
    let marked = vec![("one".to_owned(), false), ("two".to_owned(), true), ("three".to_owned(), false)];
    assert_eq!(heard(&of_ann), plain(&["one", "three"]));
    assert_eq!(heard(&of_bob), plain(&["one", "two", "three"]), "in their order");
    assert_eq!(heard(&elsewhere), plain(&["one", "two", "three"]));
    assert_eq!(heard(&of_mona), marked);
    assert_eq!(page(&ann).await, plain(&["one", "three"]));
    assert_eq!(page(&bob).await, plain(&["one", "two", "three"]));
    assert_eq!(page(&mona).await, marked);
    for (reader, count) in [(&ann, 2), (&bob, 3), (&mona, 3)] {
        let mut socket = reader.connect().await;
        let resumed = socket.ask(&json!({"type": "resume", "after": 0})).await;
        assert_eq!(resumed["messages"].as_array().expect("a list").len(), count, "{resumed}");
    }
    assert!(!of_bob.kinds().chain(elsewhere.kinds()).any(|kind| kind == "standing_update"), "bob is told nothing");
    assert_eq!(bob.get("stats").await.ok()["total_messages"], 2);
}

#[tokio::test]
async fn its_author_cannot_tell_a_shadowed_message_from_another_one() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let before = bob.send_as("before", "first").await.ok();
    shadow(&world, "bob").await;
    let sent = bob.send_as("hello", "second").await;
    let fields = |answer: &Value| answer.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!((sent.status, fields(&sent.json)), (200, fields(&before)));
    let again = bob.send_as("hello", "second").await.ok();
    assert_eq!((&again["message_id"], &again["duplicate"]), (&sent.json["message_id"], &json!(true)));
    let id = sent.json["message_id"].clone();
    let liked = bob.post(&format!("like-message/{id}")).await.ok();
    assert_eq!((&liked["likes"], &liked["already_liked"]), (&json!(1), &json!(false)));
    assert_eq!(bob.get("messages?mine=true").await.ok()["messages"][1]["user_liked"], true);
    assert_eq!(bob.delete(&format!("like-message/{id}")).await.ok()["likes"], 0);
    let own =
        bob.call(Method::POST, &format!("report-message/{id}"), Some(json!({"reason": "spam"}).to_string())).await;
    assert_eq!(own.problem(), (403, "forbidden".to_owned()), "as for any own message");
    for others in [
        ann.post(&format!("like-message/{id}")).await,
        ann.delete(&format!("like-message/{id}")).await,
        ann.call(Method::POST, &format!("report-message/{id}"), Some(json!({"reason": "spam"}).to_string())).await,
        ann.delete(&format!("messages/{id}")).await,
    ] {
        assert_eq!(others.problem(), (404, "not_found".to_owned()));
    }
    bob.delete(&format!("messages/{id}")).await.ok();
    assert_eq!(page(&bob).await, plain(&["before"]));
    assert_eq!(bob.delete(&format!("messages/{id}")).await.problem().0, 404);
    bob.post("ticket").await.ok();
    bob.post("like").await.ok();
}

#[tokio::test]
async fn a_term_shadows_a_message_and_purges_cover_it() {
    let world = World::start().await;
    let (ann, bob, hans) = (world.user("ann"), world.user("bob"), host(&world));
    let list = json!({"terms": [
        {"term": "grift", "match": "word", "action": "shadow"},
        {"term": "spoiler", "match": "word", "action": "hold"},
        {"term": "darn", "match": "word", "action": "mask"},
    ]});
    hans.call(Method::PUT, "moderation/terms", Some(list.to_string())).await.ok();
    bob.send("my darn grift").await.ok();
    assert_eq!(bob.send("a grift and a spoiler").await.status, 202, "held rather than shadowed");
    bob.send("fine").await.ok();
    assert_eq!(page(&ann).await, plain(&["fine"]));
    assert_eq!(page(&bob).await, plain(&["my **** grift", "fine"]));
    let card = hans.get("moderation/users/bob").await.ok();
    assert_eq!((&card["messages"][0]["shadowed"], &card["counts"]["messages"]), (&json!(true), &json!(2)));
    let purge = act(&hans, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    assert_eq!((page(&bob).await.len(), page(&hans).await.len()), (0, 0));
    act(&hans, &json!({"action": "restore", "action_id": purge["id"]})).await.ok();
    assert_eq!((page(&bob).await.len(), page(&ann).await), (2, plain(&["fine"])));
}

#[tokio::test]
async fn a_shadow_ban_is_lifted_without_a_word_and_goes_with_a_ban() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut of_bob = bob.connect().await;
    shadow(&world, "bob").await;
    assert_eq!(bob.get("status").await.ok()["standing"], Value::Null);
    act(&mona, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    bob.send("again for all").await.ok();
    assert_eq!(page(&world.user("ann")).await, plain(&["again for all"]));
    of_bob.until_messages(1).await;
    assert!(of_bob.kinds().all(|kind| kind != "standing_update"));
    shadow(&world, "bob").await;
    let again = json!({"action": "timeout", "user_id": "bob", "seconds": 60});
    act(&mona, &again).await.ok();
    assert_eq!(bob.send("no").await.problem(), (403, "timed_out".to_owned()));
    world.pass(60);
    bob.send("only for me").await.ok();
    assert_eq!(page(&world.user("ann")).await.len(), 1, "the shadow ban outlasts a timeout");
    let sanctions = mona.get("moderation/users/bob").await.ok()["sanctions"].clone();
    assert_eq!((&sanctions[0]["state"], &sanctions[1]), (&json!("shadow_banned"), &Value::Null), "{sanctions}");
    act(&mona, &json!({"action": "ban", "user_id": "bob"})).await.ok();
    let refused = act(&mona, &json!({"action": "shadow_ban", "user_id": "bob"})).await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    act(&mona, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    bob.send("for all").await.ok();
    assert_eq!(page(&world.user("ann")).await.len(), 2);
}

#[tokio::test]
async fn staff_are_not_shadowed_and_many_are_at_once() {
    let world = World::start().await;
    let (hans, mona) = (host(&world), moderator(&world));
    let _socket = mona.connect().await;
    let body = json!({"action": "shadow_ban", "user_id": "mona"});
    assert_eq!(act(&hans, &body).await.problem(), (409, "conflict".to_owned()), "staff see shadowed messages");
    assert_eq!(act(&world.user("bob"), &body).await.problem(), (403, "forbidden".to_owned()));
    let done = act(&hans, &json!({"action": "shadow_ban", "user_ids": ["u1", "u2", "hans"]})).await.ok();
    let refused: Vec<&Value> = done["refused"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!((done["actions"].as_array().map(Vec::len), refused), (Some(2), vec![&json!("hans")]));
    for id in ["u1", "u2"] {
        world.user(id).send("psst").await.ok();
    }
    assert!(page(&world.user("ann")).await.is_empty());
}

#[tokio::test]
async fn a_held_message_of_a_shadow_banned_user_is_not_approved() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    act(&mona, &json!({"action": "set_modes", "modes": {"review_all": true}})).await.ok();
    let held = bob.send("hm").await;
    shadow(&world, "bob").await;
    let approve = json!({"action": "approve", "held_id": held.json["held_id"]});
    assert_eq!(act(&mona, &approve).await.problem(), (409, "conflict".to_owned()));
    assert!(page(&mona).await.is_empty());
}

#[tokio::test]
async fn a_send_that_is_under_way_while_its_author_is_shadow_banned_is_shadowed() {
    let (world, mut proxy) = behind_a_proxy().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    bob.send("before").await.ok();
    let mut is_first = true;
    proxy.judge(move |request| match request.body.contains("SET seq = seq") && std::mem::take(&mut is_first) {
        true => Fate::Hold,
        false => Fate::Pass,
    });
    // The send has read its author's standing, and waits for its number.
    let sending = tokio::spawn(async move { bob.send("meanwhile").await });
    let held = proxy.next_held().await;
    shadow(&world, "bob").await;
    held.release();
    sending.await.expect("an answer").ok();
    assert_eq!(page(&ann).await, plain(&["before"]));
    assert_eq!(page(&world.user("bob")).await, plain(&["before", "meanwhile"]));
}

#[tokio::test]
async fn a_socket_that_was_behind_hears_what_its_owner_may_see() {
    let (world, _tables, management) = World::behind_two_proxies().await;
    let (ann, bob, mona) = (world.user("ann"), world.user("bob"), moderator(&world));
    let (mut of_ann, mut of_bob, mut of_mona) = (ann.connect().await, bob.connect().await, mona.connect().await);
    shadow(&world, "bob").await;
    // Longer than a turn, so that a later one reads from the table what they miss.
    let mut is_stuck = for_a_while(Duration::from_secs(3));
    management.judge(move |request| match request.operation == "POST" && is_stuck() {
        true => Fate::Answer(429, String::new()),
        false => Fate::Pass,
    });
    ann.send("one").await.ok();
    bob.send("two").await.ok();
    ann.send("three").await.ok();
    for (socket, seqs) in [(&mut of_ann, vec![1, 3]), (&mut of_bob, vec![1, 2, 3]), (&mut of_mona, vec![1, 2, 3])] {
        socket.until_messages(seqs.len()).await;
        assert_eq!(socket.seqs(), seqs);
    }
    let marked: Vec<bool> = of_mona.messages().map(|message| message["shadowed"] == true).collect();
    assert_eq!(marked, [false, true, false]);
}

#[tokio::test]
async fn a_shadowed_message_whose_answer_is_lost_is_stored_once() {
    let (world, proxy) = behind_a_proxy().await;
    let bob = world.user("bob");
    shadow(&world, "bob").await;
    let mut is_first = true;
    proxy.judge(move |request| match request.body.contains("\"shadow_text\"") && std::mem::take(&mut is_first) {
        true => Fate::CutAfter,
        false => Fate::Pass,
    });
    bob.send("once").await.ok();
    assert_eq!(page(&bob).await, plain(&["once"]));
}

#[tokio::test]
async fn where_the_law_wants_notices_nothing_is_shadowed() {
    let world = World::with(&[("LIVE_CHAT_SHADOW", "false")]).await;
    let (hans, bob) = (host(&world), world.user("bob"));
    let refused = act(&hans, &json!({"action": "shadow_ban", "user_id": "bob"})).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    let list = json!({"terms": [
        {"term": "spam", "match": "word", "action": "block"},
        {"term": "grift", "match": "word", "action": "shadow"},
    ]});
    let refused = hans.call(Method::PUT, "moderation/terms", Some(list.to_string())).await;
    assert!(refused.json["detail"].as_str().is_some_and(|detail| detail.starts_with("terms[1]")), "{}", refused.json);
    assert_eq!(refused.problem(), (400, "invalid_request".to_owned()));
    bob.send("grift").await.ok();
    assert_eq!(page(&world.user("ann")).await, plain(&["grift"]));
}
