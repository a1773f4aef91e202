//! The broadcast's promises on the real code: order, no loss, no repeats without a crash, and late senders.

use serde_json::json;
use tests::proxy::{Fate, Proxy};
use tests::socket::Socket;
use tests::world::World;

fn is_put_of(request: &tests::proxy::ProxiedRequest, text: &str) -> bool {
    request.operation == "PutItem" && request.body.contains("messages#") && request.body.contains(text)
}

#[tokio::test]
async fn a_sender_who_stores_late_loses_its_number_but_not_its_message() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut listener = world.user("listener").connect().await;
    let mut first = true;
    proxy.judge(move |request| {
        let hold = first && is_put_of(request, "slow");
        first &= !hold;
        if hold { Fate::Hold } else { Fate::Pass }
    });
    let slow = tokio::spawn({
        let ann = ann.clone();
        async move { ann.send("slow").await.ok() }
    });
    let held = proxy.next_held().await;
    let quick = bob.send("quick").await.ok();
    assert_eq!(quick["message_id"], 100_000_002, "the slow one has taken number 1");
    listener.until_messages(1).await;
    assert_eq!(listener.seqs(), [2], "number 1 was not waited for longer than the patience");
    held.release();
    let slow = slow.await.unwrap();
    assert_eq!(slow["message_id"], 100_000_003, "it found a void and took a new number");
    listener.until_messages(2).await;
    assert_eq!(listener.seqs(), [2, 3]);
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 2, "the void does not count");
    assert_eq!(ann.get("stats").await.ok()["recent_messages"], 2);
}

#[tokio::test]
async fn rows_stored_in_another_order_than_their_numbers_are_told_in_order() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut listener = world.user("listener").connect().await;
    let mut waiting = true;
    proxy.judge(move |request| {
        let hold = waiting && is_put_of(request, "first");
        waiting &= !hold;
        if hold { Fate::Hold } else { Fate::Pass }
    });
    let slow = tokio::spawn({
        let ann = ann.clone();
        async move { ann.send("first").await.ok() }
    });
    let held = proxy.next_held().await;
    // The second row is stored first, and the first one within the broadcast's timeout.
    proxy.judge(|request| if is_put_of(request, "second") { Fate::Hold } else { Fate::Pass });
    let quick = tokio::spawn({
        let bob = bob.clone();
        async move { bob.send("second").await.ok() }
    });
    let second = proxy.next_held().await;
    second.release();
    held.release();
    let (slow, quick) = (slow.await.unwrap(), quick.await.unwrap());
    listener.until_messages(2).await;
    let seqs = listener.seqs();
    assert!(seqs.is_sorted(), "{seqs:?}");
    let mut ids: Vec<u64> =
        [&slow, &quick].iter().map(|sent| sent["message_id"].as_u64().unwrap() - 100_000_000).collect();
    ids.sort_unstable();
    assert_eq!(seqs, ids);
}

#[tokio::test]
async fn a_number_that_nobody_stored_is_settled_by_housekeep() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let ann = world.user("ann");
    let mut listener = world.user("listener").connect().await;
    proxy.judge(|request| if is_put_of(request, "doomed") { Fate::denied() } else { Fate::Pass });
    let refused = ann.send("doomed").await;
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    let answer = listener.say("doomed").await;
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("unavailable")));
    world.housekeep().await;
    tests::within("the void", async { while ann.get("stats").await.ok()["total_messages"] != 0 {} }).await;
    ann.send("next").await.ok();
    listener.until_messages(1).await;
    assert_eq!(listener.seqs(), [3]);
}

#[tokio::test]
async fn wake_ups_that_are_repeated_repeat_nothing() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut listener = world.user("listener").connect().await;
    for i in 0..5 {
        ann.send(&format!("message {i}")).await.ok();
        listener.until_messages(i + 1).await;
        world.gateway.redeliver().await;
    }
    // Several wake-ups at once: one flushes, the others wait.
    futures_util::future::join_all((0..4).map(|_| world.gateway.redeliver())).await;
    ann.send("the last").await.ok();
    listener.until_messages(6).await;
    assert_eq!(listener.seqs(), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_wake_up_that_was_killed_costs_seconds_and_nothing_else() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let ann = world.user("ann");
    let mut listener = world.user("listener").connect().await;
    listener.wait_for("oneself", |event| event["type"] == "viewer_count_update").await;
    // The broadcast is killed while it has the lease and reads the messages.
    let mut kill = true;
    proxy.judge(move |request| {
        let reads = request.operation == "Query"
            && request.body.contains("messages#1")
            && request.body.contains("ScanIndexForward\":true");
        let hold = kill && reads;
        kill &= !hold;
        if hold { Fate::Hold } else { Fate::Pass }
    });
    ann.send("one").await.ok();
    let held = proxy.next_held().await;
    assert_eq!(world.gateway.kill_running("broadcast"), 1);
    drop(held);
    ann.send("two").await.ok();
    listener.until_messages(2).await;
    assert_eq!(listener.seqs(), [1, 2]);
}

#[tokio::test]
async fn a_wake_up_that_is_killed_after_posting_may_repeat_but_keeps_order_and_loses_nothing() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let ann = world.user("ann");
    let mut listener = world.user("listener").connect().await;
    listener.wait_for("oneself", |event| event["type"] == "viewer_count_update").await;
    // The broadcast is killed after it has posted, while it moves the cursor.
    let mut kill = true;
    proxy.judge(move |request| {
        let moves =
            request.operation == "UpdateItem" && request.body.contains("cursor#1") && request.body.contains("heard_ms");
        let hold = kill && moves;
        kill &= !hold;
        if hold { Fate::Hold } else { Fate::Pass }
    });
    ann.send("one").await.ok();
    let held = proxy.next_held().await;
    assert_eq!(world.gateway.kill_running("broadcast"), 1);
    drop(held);
    ann.send("two").await.ok();
    listener.wait_for("the second message", |event| event["message"]["seq"] == 2).await;
    let mut first_of_each = listener.seqs();
    first_of_each.dedup();
    assert_eq!(first_of_each, [1, 2], "{:?}", listener.seqs());
}

/// A world whose `@connections` is behind a proxy, and a socket to which posts fail until the sender is used.
async fn world_with_a_socket_that_is_in_its_handshake() -> (World, Proxy, Socket, std::sync::mpsc::Sender<()>, Socket) {
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &[]).await;
    let mut settled = world.user("ann").connect().await;
    settled.wait_for("oneself", |event| event["type"] == "viewer_count_update").await;
    let (open, opened) = std::sync::mpsc::channel::<()>();
    let (mut first, mut is_open) = (None, false);
    proxy.judge(move |request| {
        is_open |= opened.try_recv().is_ok();
        let first = first.get_or_insert_with(|| request.path.clone());
        if is_open || request.path == *first || request.operation != "POST" {
            Fate::Pass
        } else {
            Fate::Answer(410, String::new())
        }
    });
    settled.say("only the settled one is there").await;
    settled.until_messages(1).await;
    let newcomer = world.user("newcomer").connect().await;
    (world, proxy, settled, open, newcomer)
}

#[tokio::test]
async fn a_socket_in_its_handshake_gets_every_message_afterwards() {
    let (world, _proxy, mut settled, open, mut newcomer) = world_with_a_socket_that_is_in_its_handshake().await;
    let ann = world.user("ann");
    for i in 2..=6 {
        ann.send(&format!("message {i}")).await.ok();
        settled.until_messages(i).await;
    }
    open.send(()).unwrap();
    newcomer.until_messages(5).await;
    ann.send("the last").await.ok();
    newcomer.until_messages(6).await;
    assert_eq!(newcomer.seqs(), [2, 3, 4, 5, 6, 7]);
    settled.until_messages(7).await;
    assert_eq!(settled.seqs(), [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn a_socket_that_a_killed_broadcast_left_behind_is_helped_by_housekeep() {
    let (world, _proxy, mut settled, open, mut newcomer) = world_with_a_socket_that_is_in_its_handshake().await;
    let ann = world.user("ann");
    for i in 2..=4 {
        ann.send(&format!("message {i}")).await.ok();
        settled.until_messages(i).await;
    }
    // The broadcast still tries to reach the newcomer when it is killed.
    assert_eq!(world.gateway.kill_running("broadcast"), 1);
    open.send(()).unwrap();
    world.housekeep().await;
    newcomer.wait_for("the last message", |event| event["message"]["seq"] == 4).await;
    // The killed broadcast's last post may still have been in flight.
    let mut heard = newcomer.seqs();
    heard.dedup();
    assert_eq!(heard, [2, 3, 4], "{:?}", newcomer.seqs());
    assert_eq!(settled.seqs(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_socket_that_never_leaves_its_handshake_delays_no_counter_of_the_others() {
    let (world, _proxy, mut settled, _never, _newcomer) = world_with_a_socket_that_is_in_its_handshake().await;
    settled.say("the broadcast tries to reach the newcomer from now on").await;
    settled.until_messages(2).await;
    // A broadcast that waits for the newcomer does so for as long as a handshake may take, 30 seconds.
    for likes in 1..=5 {
        let started = std::time::Instant::now();
        world.user(&format!("fan{likes}")).post("like").await.ok();
        settled.wait_for("the like", |event| event["total_likes"] == likes).await;
        assert!(started.elapsed() < std::time::Duration::from_secs(15), "like {likes} took {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_counter_that_is_held_back_is_told_even_if_the_lease_is_lost_meanwhile() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let store = world.store();
    let mut listener = world.user("listener").connect().await;
    listener.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    // The broadcast holds the second viewer back, sends a message meanwhile, and is slow to move the cursor.
    proxy.judge(|request| {
        let moves = request.body.contains("heard_ms") && request.body.contains(r#"":seq":{"N":"1"}"#);
        if moves { Fate::Hold } else { Fate::Pass }
    });
    world.user("newcomer").get("status").await.ok();
    world.user("ann").send("meanwhile").await.ok();
    let held = proxy.next_held().await;
    proxy.judge(|_| Fate::Pass);
    world.pass(10);
    assert!(store.take_lease(1, "another", world.clock.now()).await.unwrap().is_some());
    held.release();
    store.release_lease(1, "another").await.unwrap();
    listener.wait_for("the newcomer", |event| event["viewer_count"] == 2).await;
    // On a slow machine, the counter's second is over before the message arrives.
    listener.until_messages(1).await;
    let mut first_of_each = listener.seqs();
    first_of_each.dedup();
    assert_eq!(first_of_each, [1]);
}
