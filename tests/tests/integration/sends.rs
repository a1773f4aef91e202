//! Sending: once per `client_message_id`, within the limit per minute, in one order for all sockets.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;
use tests::proxy::{Fate, ProxiedRequest, Proxy};
use tests::world::World;

#[tokio::test]
async fn a_message_sent_again_under_its_key_is_the_same_message() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let first = ann.send_as("hello", "k1").await.ok();
    let again = ann.send_as("something else", "k1").await.ok();
    assert_eq!((&again["message"], &again["duplicate"]), (&json!("Message already sent"), &json!(true)));
    assert_eq!((&again["message_id"], &again["created_at"]), (&first["message_id"], &first["created_at"]));
    assert_ne!(bob.send_as("hello", "k1").await.ok()["message_id"], first["message_id"], "a key is its user's own");
    assert_ne!(ann.send_as("hello", "k2").await.ok()["message_id"], first["message_id"]);
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 3);
}

#[tokio::test]
async fn fifty_sends_with_one_key_over_rest_and_sockets_are_one_message() {
    // With the usual rate limit: repeats do not count.
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "10")]).await;
    let ann = world.user("ann");
    let mut listener = world.user("bob").connect().await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(ann.connect().await);
    }
    let frame = json!({"type": "message", "message": "once", "client_message_id": "k"});
    for socket in &sockets {
        for _ in 0..5 {
            socket.send(&frame);
        }
    }
    let over_rest = join_all((0..25).map(|_| ann.send_as("once", "k"))).await;
    let mut ids: BTreeSet<u64> =
        over_rest.into_iter().map(|answer| answer.ok()["message_id"].as_u64().unwrap()).collect();
    let mut answers = ids.len();
    for socket in &mut sockets {
        for _ in 0..5 {
            let ack = socket.answer().await;
            assert_eq!((&ack["type"], &ack["client_message_id"]), (&json!("ack"), &json!("k")));
            ids.insert(ack["message_id"].as_u64().unwrap());
            answers += 1;
        }
    }
    assert_eq!((ids.len(), answers), (1, 26));
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 1, "numbers that the repeats took do not count");
    assert_eq!(ann.get("messages").await.ok()["messages"].as_array().unwrap().len(), 1);
    // A later broadcast proves that no further copies arrive.
    world.user("bob").send("after").await.ok();
    listener.wait_for("the message after", |event| event["message"]["message"] == "after").await;
    let texts: Vec<_> = listener.messages().map(|message| message["message"].as_str().unwrap()).collect();
    assert_eq!(texts, ["once", "after"]);
}

#[tokio::test]
async fn of_a_hundred_parallel_sends_exactly_ten_pass_the_limit() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "10")]).await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for i in 0..40 {
        socket.send(&json!({"type": "message", "message": format!("socket {i}")}));
    }
    let texts: Vec<_> = (0..60).map(|i| format!("rest {i}")).collect();
    let over_rest = join_all(texts.iter().map(|text| ann.send(text))).await;
    let mut accepted = 0;
    for answer in over_rest {
        if answer.status == 200 {
            accepted += 1;
        } else {
            let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            assert_eq!(answer.problem(), (429, "rate_limited".to_owned()));
        }
    }
    for _ in 0..40 {
        let answer = socket.answer().await;
        if answer["type"] == "ack" {
            accepted += 1;
        } else {
            assert_eq!(answer["code"], "rate_limited");
            assert!((1..=60_000).contains(&answer["retry_after_ms"].as_u64().unwrap()), "{answer}");
        }
    }
    assert_eq!(accepted, 10);
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 10);
    assert_eq!(world.user("bob").send("another user").await.status, 200);
    world.pass(60);
    assert_eq!(ann.send("a minute later").await.status, 200);
}

#[tokio::test]
async fn the_limit_slides_and_counts_every_window_of_a_minute() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "3")]).await;
    let ann = world.user("ann");
    for _ in 0..3 {
        assert_eq!(ann.send("hi").await.status, 200);
        world.pass(15);
    }
    assert_eq!(ann.send("after 45 s").await.status, 429);
    world.pass(15);
    assert_eq!(ann.send("after 60 s").await.status, 200);
    assert_eq!(ann.send("the second is 45 s old").await.status, 429);
}

#[tokio::test]
async fn five_hundred_messages_of_twenty_users_reach_all_in_order() {
    let world = World::start().await;
    let users: Vec<_> = (0..20).map(|i| world.user(&format!("user{i}"))).collect();
    let mut sockets = join_all(users.iter().enumerate().map(|(i, user)| async move {
        // Half of them take batches.
        user.connect_to("1", if i % 2 == 0 { "" } else { "&batch=1" }).await
    }))
    .await;
    for round in 0..25 {
        for (i, socket) in sockets.iter().enumerate() {
            socket.send(&json!({"type": "message", "message": format!("{i} says {round}")}));
        }
    }
    // A number whose row is not stored within 100 ms is void, and its message has a later one: that depends on the machine.
    sockets[0].until_messages(500).await;
    let seqs = sockets[0].seqs();
    assert!(seqs.len() == 500 && seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
    for socket in &mut sockets[1..] {
        socket.until_messages(500).await;
        assert_eq!(socket.seqs(), seqs);
    }
    let texts: BTreeSet<_> =
        sockets[0].messages().map(|message| message["message"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts.len(), 500);
    assert_eq!(users[0].get("stats").await.ok()["total_messages"], 500);
}

/// A world with a rate limit whose handlers' calls go through the proxy.
async fn limited_world(limit: &str) -> (World, Proxy) {
    World::behind_a_proxy_of_tables(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", limit)]).await
}

/// Permanently refuses the rows of a message and its key, after their send was admitted.
fn no_message_is_stored(request: &ProxiedRequest) -> Fate {
    match request.operation.as_str() {
        "TransactWriteItems" if request.body.contains("client_message_id") => Fate::denied(),
        _ => Fate::Pass,
    }
}

#[tokio::test]
async fn sends_that_failed_and_are_repeated_late_count_from_the_repeat_on() {
    let (world, proxy) = limited_world("10").await;
    let ann = world.user("ann");
    let keys: Vec<_> = (0..10).map(|i| format!("key {i}")).collect();
    let send_all = || join_all(keys.iter().map(|key| ann.send_as("hello", key)));
    proxy.judge(no_message_is_stored);
    assert!(send_all().await.iter().all(|answer| answer.status == 503));
    proxy.judge(|_| Fate::Pass);
    world.pass(50);
    let repeated: Vec<_> = send_all().await.into_iter().map(|answer| answer.ok()["duplicate"].clone()).collect();
    assert_eq!(repeated, [false; 10], "none had been stored");
    // More than a minute after they were first admitted, less than a minute after they were stored.
    world.pass(15);
    let texts: Vec<_> = (0..10).map(|i| format!("one too many {i}")).collect();
    let more = join_all(texts.iter().map(|text| ann.send(text))).await;
    assert_eq!(more.iter().filter(|answer| answer.status == 200).count(), 0, "ten were stored 15 s ago");
    world.pass(46);
    assert_eq!(ann.send("a minute after the repeats").await.status, 200);
}

#[tokio::test]
async fn a_repeat_that_the_room_slows_does_not_take_back_what_its_twin_was_admitted_with() {
    let (world, mut proxy) = limited_world("1").await;
    let (ann, store) = (world.user("ann"), world.store());
    ann.get("status").await.ok();
    let mut numbers = 0;
    proxy.judge(move |request| {
        let is_number = request.operation == "UpdateItem" && request.body.contains("seq + :one");
        numbers += u32::from(is_number);
        if is_number && numbers == 1 { Fate::Hold } else { Fate::Pass }
    });
    let first = tokio::spawn({
        let ann = ann.clone();
        async move { ann.send_as("hello", "k").await }
    });
    let held = proxy.next_held().await;
    store.admit_up_to(1, Some(0)).await.unwrap();
    assert_eq!(ann.send_as("hello", "k").await.problem(), (429, "rate_limited".to_owned()));
    store.admit_up_to(1, None).await.unwrap();
    held.release();
    assert_eq!(tests::within("the first send", first).await.unwrap().ok()["duplicate"], false);
    assert_eq!(ann.send("a second one in the same minute").await.problem(), (429, "rate_limited".to_owned()));
}

#[tokio::test]
async fn after_the_clock_jumped_back_a_user_is_limited_for_a_minute_at_most() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "2")]).await;
    let ann = world.user("ann");
    ann.get("status").await.ok();
    world.pass(3600);
    assert_eq!([ann.send("one").await.status, ann.send("two").await.status], [200, 200]);
    world.pass(-3590);
    assert_eq!(ann.send("the two are in the future").await.status, 429);
    world.pass(30);
    assert_eq!(ann.send("half a minute later").await.status, 429);
    world.pass(31);
    assert_eq!(ann.send("a minute later").await.status, 200);
}

#[tokio::test]
async fn an_admission_whose_answer_is_lost_counts_once() {
    let (world, proxy) = limited_world("2").await;
    let ann = world.user("ann");
    ann.get("status").await.ok();
    let mut is_first = true;
    proxy.judge(move |request| {
        let is_admission = request.operation == "PutItem" && request.body.contains("rate#ann");
        if is_admission && std::mem::take(&mut is_first) { Fate::CutAfter } else { Fate::Pass }
    });
    let statuses = [ann.send("one").await.status, ann.send("two").await.status, ann.send("three").await.status];
    assert_eq!(statuses, [200, 200, 429]);
}
