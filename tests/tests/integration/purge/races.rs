//! Purges beside sends, a broadcast that is behind, lagging sockets, crashes and lost answers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use shared::domain::caller::Caller;
use shared::domain::cover::PurgeOutcome;
use shared::domain::message::Draft;
use shared::domain::session::Session;
use shared::domain::text::message_text::MessageText;
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use shared::features::sockets::store_subscribers::Slice;
use shared::platform::dynamo::Store;
use tests::caller;
use tests::proxy::Fate;
use tests::world::World;

use super::{page, purge, say, session, user_cover};

#[tokio::test]
async fn a_message_that_was_being_stored_while_the_purge_ran_is_covered_and_never_posted() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (ann, mut viewer) = (world.user("ann"), world.user("viewer").connect().await);
    say(&world, &["bob"]).await;
    viewer.until_messages(1).await;
    // Its number is allocated, and its row is on its way.
    proxy.judge(|request| match request.operation.as_str() {
        "PutItem" if request.body.contains("held back") => Fate::Hold,
        _ => Fate::Pass,
    });
    let sending = tokio::spawn(async move { ann.send("held back").await.ok() });
    let held = proxy.next_held().await;
    assert_eq!(purge(&world, "p", user_cover("ann")).await, 2);
    held.release();
    let sent = sending.await.expect("no panic");
    let seq = sent["message_id"].as_u64().expect("an id") % 100_000_000;
    say(&world, &["bob"]).await;
    viewer
        .wait_for("the last message", |event| event["message"]["message"] == "bob" && event["message"]["seq"] != 1)
        .await;
    let posted = viewer.messages().any(|message| message["message"] == "held back");
    let listed = page(&world.user("bob")).await.contains(&"held back".to_owned());
    // Within the broadcast's patience it is covered; later, its number is void and it was sent again after the purge.
    assert_eq!((posted, listed), (seq > 3, seq > 3), "number {seq}");
}

#[tokio::test]
async fn a_number_that_a_crash_lost_is_settled_once_and_the_act_is_completed_by_its_repeat() {
    let world = World::start().await;
    let mut viewer = world.user("viewer").connect().await;
    say(&world, &["ann"]).await;
    let (store, session) = (world.store(), session(&world).await);
    store.allocate_event_seq(&session, world.clock.now()).await.expect("a number");
    // The purge crashed here.
    assert_eq!(purge(&world, "p", user_cover("ann")).await, 2);
    say(&world, &["bob"]).await;
    viewer.wait_for("the last message", |event| event["message"]["message"] == "bob").await;
    assert!(viewer.events.iter().any(|event| event["type"] == "user_purged" && event["seq"] == 3));
    let head = store.head(1, world.clock.now()).await.unwrap().expect("a session");
    assert_eq!((head.seq, head.total_messages, head.recent_messages), (4, 2, 2), "the lost number counts as void once");
}

#[tokio::test]
async fn a_lagging_socket_hears_of_a_purge_in_order_and_gets_nothing_that_it_covers() {
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &[]).await;
    let mut viewer = world.user("viewer").connect().await;
    viewer.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    proxy.judge(|request| if request.operation == "POST" { Fate::Answer(429, String::new()) } else { Fate::Pass });
    say(&world, &["bob", "ann", "bob", "ann"]).await;
    let store = world.store();
    let is_behind = async {
        while !store.subscribers(1, Slice::ALL).await.expect("a room").iter().any(|socket| socket.is_lagging()) {}
    };
    tests::within("the turn to end with a lagging socket", is_behind).await;
    purge(&world, "p", user_cover("ann")).await;
    say(&world, &["bob"]).await;
    proxy.judge(|_| Fate::Pass);
    world.housekeep().await;
    viewer.message(6).await;
    let (seqs, gone) = (viewer.seqs(), viewer.events.iter().position(|event| event["type"] == "user_purged"));
    let gone = gone.expect("the socket heard of it");
    let after: Vec<&Value> =
        viewer.events[gone..].iter().filter(|event| event["message"]["user_id"] == "ann").collect();
    assert!(seqs.is_sorted() && after.is_empty(), "{seqs:?}, {after:?}");
}

#[tokio::test]
async fn a_flush_that_does_not_come_to_the_end_of_the_log_posts_nothing_that_is_covered() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let mut viewer = world.user("viewer").connect().await;
    viewer.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    // The broadcast waits until more is stored than it reads at once, and the act's row lies behind that.
    proxy.judge(|request| {
        let is_lease = request.operation == "UpdateItem" && request.body.contains("cursor#1");
        if is_lease {
            Fate::Answer(400, r#"{"__type": "ConditionalCheckFailedException"}"#.to_owned())
        } else {
            Fate::Pass
        }
    });
    let (store, session, ann) = (world.store(), session(&world).await, caller("ann"));
    let calls = (0..230).map(|_| store_one(&store, &session, &ann));
    futures_util::future::join_all(calls).await;
    purge(&world, "p", user_cover("ann")).await;
    proxy.judge(|_| Fate::Pass);
    say(&world, &["bob"]).await;
    viewer.wait_for("what comes after", |event| event["message"]["user_id"] == "bob").await;
    assert_eq!(viewer.seqs(), [232]);
    assert!(viewer.events.iter().any(|event| event["type"] == "user_purged" && event["seq"] == 231));
}

#[tokio::test]
async fn an_act_whose_answers_are_lost_takes_one_number_and_tells_once() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let mut viewer = world.user("viewer").connect().await;
    say(&world, &["ann"]).await;
    viewer.until_messages(1).await;
    let session = session(&world).await;
    let store = world.store_at(&proxy.url());
    let mut cut = BTreeSet::new();
    proxy.judge(move |request| {
        let is_of_the_act = request.body.contains("rules_version") || request.body.contains("act#");
        let is_first = is_of_the_act && cut.insert(request.operation.clone());
        if is_first { Fate::CutAfter } else { Fate::Pass }
    });
    let outcome = store.purge(&session, "p", &user_cover("ann"), world.clock.now()).await.unwrap();
    assert_eq!(outcome, PurgeOutcome::Covered { up_to_seq: 1 });
    say(&world, &["bob"]).await;
    viewer.message(3).await;
    assert_eq!(viewer.events.iter().filter(|event| event["type"] == "user_purged").count(), 1);
    assert_eq!(world.user("bob").get("stats").await.ok()["total_messages"], 2);
}

/// Stores a message under the next number.
async fn store_one(store: &Store, session: &Session, author: &Caller) {
    let now = Timestamp::now();
    let draft = Draft::new(MessageText::parse("spam", 5000).expect("a text"), None);
    let mut rules = Rules::default();
    let seq = loop {
        match store.allocate_seq(session, rules, now).await.expect("the table answers") {
            SeqAllocation::Allocated(seq) => break seq,
            SeqAllocation::RulesChanged(in_force) => rules = in_force,
            other => panic!("the session is open, but: {other:?}"),
        }
    };
    store.store_message(session, seq, author, &draft, now).await.expect("the table answers");
}
