//! Purge and clear: gone from every answer at once, told to everybody once, and taken back within a day.

mod races;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::domain::cover::Cover;
use shared::domain::cover::{PurgeOutcome, RestoreOutcome};
use shared::domain::session::Session;
use tests::rest::User;
use tests::world::World;

const HOUR: i64 = 3600;

fn user_cover(user_id: &str) -> Cover {
    Cover::User(user_id.to_owned())
}

async fn session(world: &World) -> Session {
    world.store().session(1, world.clock.now()).await.expect("the table answers").expect("a session")
}

/// Purges, and returns the last number that is covered.
async fn purge(world: &World, act_id: &str, cover: Cover) -> u64 {
    let session = session(world).await;
    match world.store().purge(&session, act_id, &cover, world.clock.now()).await.expect("the table answers") {
        PurgeOutcome::Covered { up_to_seq } => up_to_seq,
        PurgeOutcome::TooMany => panic!("there is room for an act"),
    }
}

async fn restore(world: &World, act_id: &str) -> RestoreOutcome {
    let session = session(world).await;
    world.store().restore_cover(&session, act_id, world.clock.now()).await.expect("the table answers")
}

/// Sends messages in turn, each with its author's id as its text.
async fn say(world: &World, authors: &[&str]) {
    for author in authors {
        world.user(author).send(author).await.ok();
    }
}

fn texts(answer: &Value) -> Vec<&str> {
    answer["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|message| message["message"].as_str().expect("a text"))
        .collect()
}

async fn page(user: &User) -> Vec<String> {
    texts(&user.get("messages").await.ok()).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_purge_takes_a_users_messages_out_of_every_answer_and_everybody_hears_of_it_in_order() {
    let world = World::start().await;
    let (bob, mut viewer) = (world.user("bob"), world.user("viewer").connect().await);
    say(&world, &["ann", "bob", "ann"]).await;
    viewer.until_messages(3).await;
    bob.post("like-message/100000001").await.ok();
    assert_eq!(purge(&world, "a1", user_cover("ann")).await, 3);
    // From here on, the act is acknowledged.
    assert_eq!(page(&bob).await, ["bob"]);
    let resumed = viewer.ask(&json!({"type": "resume", "after": 0})).await;
    assert_eq!(texts(&resumed), ["bob"]);
    assert_eq!(resumed["events"], json!([{"type": "user_purged", "seq": 4, "user_id": "ann", "up_to_seq": 3}]));
    for gone in ["like-message/100000001", "like-message/100000003"] {
        assert_eq!(bob.post(gone).await.problem(), (404, "not_found".to_owned()), "{gone}");
        assert_eq!(bob.delete(gone).await.problem(), (404, "not_found".to_owned()), "{gone}");
    }
    assert_eq!(world.user("ann").delete("messages/100000001").await.problem(), (404, "not_found".to_owned()));
    bob.post("like-message/100000002").await.ok();
    say(&world, &["ann"]).await;
    viewer.message(5).await;
    let order: Vec<u64> =
        viewer.events.iter().filter_map(|event| event["message"]["seq"].as_u64().or(event["seq"].as_u64())).collect();
    assert_eq!(order, [1, 2, 3, 4, 5], "once each, in the order of their numbers");
    assert_eq!(page(&bob).await, ["bob", "ann"], "what comes later is not covered");
    let stats = bob.get("stats").await.ok();
    assert_eq!(
        (&stats["total_messages"], &stats["recent_messages"]),
        (&json!(4), &json!(4)),
        "the purge is no message"
    );
    let after = bob.get("messages?after=100000003").await.ok();
    assert_eq!((texts(&after), &after["events"][0]["type"]), (vec!["ann"], &json!("user_purged")));
}

#[tokio::test]
async fn a_clear_takes_everything_and_comes_again_with_resume_for_a_client_that_was_away() {
    let world = World::start().await;
    say(&world, &["ann", "bob"]).await;
    purge(&world, "p", user_cover("ann")).await;
    assert_eq!(purge(&world, "c", Cover::All).await, 3);
    say(&world, &["carl"]).await;
    let mut back = world.user("bob").connect().await;
    let resumed = back.ask(&json!({"type": "resume", "after": 1})).await;
    assert_eq!(texts(&resumed), ["carl"]);
    let expected = json!([{"type": "chat_cleared", "seq": 4, "up_to_seq": 3}]);
    assert_eq!(
        (&resumed["events"], &resumed["complete"]),
        (&expected, &json!(true)),
        "it says what the purge before it said"
    );
    let newest = world.user("bob").get("messages").await.ok();
    assert_eq!(
        (texts(&newest), &newest["next_before"], &newest["has_more"]),
        (vec!["carl"], &json!(null), &json!(false))
    );
    for before in ["messages?before=100000004", "messages?before=100000001"] {
        let older = world.user("bob").get(before).await.ok();
        assert_eq!((texts(&older), &older["has_more"]), (vec![], &json!(false)), "{before}");
    }
}

#[tokio::test]
async fn a_repeated_act_is_one_act_and_one_frame() {
    let world = World::start().await;
    let mut viewer = world.user("viewer").connect().await;
    say(&world, &["ann"]).await;
    let session = session(&world).await;
    let (store, now, cover) = (world.store(), world.clock.now(), user_cover("ann"));
    let calls = (0..5).map(|_| store.purge(&session, "same", &cover, now));
    let outcomes: Vec<_> =
        futures_util::future::join_all(calls).await.into_iter().map(|outcome| outcome.unwrap()).collect();
    assert!(outcomes.iter().all(|outcome| outcome == &outcomes[0]), "{outcomes:?}");
    assert_eq!(store.purge(&session, "same", &cover, now).await.unwrap(), outcomes[0]);
    say(&world, &["bob"]).await;
    viewer.wait_for("the last message", |event| event["message"]["message"] == "bob").await;
    assert_eq!(viewer.events.iter().filter(|event| event["type"] == "user_purged").count(), 1);
    assert_eq!(
        world.user("bob").get("stats").await.ok()["total_messages"],
        2,
        "numbers without a message do not count"
    );
    restore(&world, "same").await;
    assert_eq!(
        store.purge(&session, "same", &cover, now).await.unwrap(),
        outcomes[0],
        "a late repeat covers nothing again"
    );
    assert_eq!(page(&world.user("bob")).await, ["ann", "bob"]);
}

#[tokio::test]
async fn what_one_act_covers_comes_back_with_it_and_what_another_one_covers_does_not() {
    let world = World::start().await;
    let (bob, mut viewer) = (world.user("bob"), world.user("viewer").connect().await);
    say(&world, &["ann", "bob"]).await;
    purge(&world, "ann first", user_cover("ann")).await;
    say(&world, &["ann"]).await;
    purge(&world, "ann again", user_cover("ann")).await;
    purge(&world, "all", Cover::All).await;
    assert_eq!(page(&bob).await, Vec::<String>::new());
    assert_eq!(restore(&world, "all").await, RestoreOutcome::Restored { from_seq: 1, up_to_seq: 5 });
    assert_eq!(page(&bob).await, ["bob"]);
    let frame = viewer.next("messages_restored").await;
    assert_eq!(frame, json!({"type": "messages_restored", "seq": 7, "from_seq": 1, "up_to_seq": 5}));
    restore(&world, "ann again").await;
    assert_eq!(page(&bob).await, ["bob", "ann"], "the first act still covers the first message");
    restore(&world, "ann first").await;
    assert_eq!(page(&bob).await, ["ann", "bob", "ann"]);
    assert_eq!(restore(&world, "all").await, RestoreOutcome::Restored { from_seq: 1, up_to_seq: 5 }, "repeatable");
    assert_eq!(restore(&world, "never").await, RestoreOutcome::TooLate);
    bob.post("like-message/100000001").await.ok();
    let resumed = viewer.ask(&json!({"type": "resume", "after": 4})).await;
    let kinds: Vec<&str> =
        resumed["events"].as_array().expect("events").iter().map(|event| event["type"].as_str().unwrap()).collect();
    let restored = "messages_restored";
    assert_eq!(kinds, ["user_purged", "chat_cleared", restored, restored, restored]);
}

#[tokio::test]
async fn after_a_day_texts_are_removed_silently_and_nothing_comes_back() {
    let world = World::start().await;
    let bob = world.user("bob");
    say(&world, &["ann", "bob", "ann"]).await;
    purge(&world, "p", user_cover("ann")).await;
    world.pass(24 * HOUR + 60);
    assert_eq!(restore(&world, "p").await, RestoreOutcome::TooLate);
    world.housekeep().await;
    let store = world.store();
    let stored = |seq| {
        let (store, now) = (store.clone(), world.clock.now());
        async move { store.message(shared::domain::message::MessageId::new(1, seq), now).await.expect("the table answers") }
    };
    assert!(stored(1).await.is_some(), "clocks differ, so texts stay an hour longer");
    world.pass(HOUR);
    let mut viewer = world.user("viewer").connect().await;
    world.housekeep().await;
    assert!(stored(1).await.is_none() && stored(3).await.is_none() && stored(2).await.is_some());
    assert_eq!(page(&bob).await, ["bob"]);
    say(&world, &["bob"]).await;
    viewer.message(5).await;
    assert!(viewer.events.iter().all(|event| event["type"] != "message_deleted"), "nobody hears of it");
    // A clear leaves its number, so that pages still end there.
    purge(&world, "c", Cover::All).await;
    world.pass(26 * HOUR);
    world.housekeep().await;
    assert_eq!(store.covers(1).await.unwrap().floor(), 5);
    assert_eq!(page(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn in_an_ended_session_a_purge_takes_no_number() {
    let start = "2026-01-05T19:30:00-05:00".parse::<Timestamp>().expect("a time");
    let world = World::at(start, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    say(&world, &["ann", "bob"]).await;
    world.pass(3 * HOUR);
    world.housekeep().await;
    assert!(world.store().head(1, world.clock.now()).await.unwrap().expect("a session").ended);
    assert_eq!(purge(&world, "p", user_cover("ann")).await, 2);
    let history = world.user("bob").get("messages?session_id=1&after=100000000").await.ok();
    assert_eq!((texts(&history), &history["events"]), (vec!["bob"], &json!(null)));
    assert_eq!(world.store().head(1, world.clock.now()).await.unwrap().expect("a session").seq, 2);
    assert_eq!(restore(&world, "p").await, RestoreOutcome::Restored { from_seq: 1, up_to_seq: 2 });
    let history = world.user("bob").get("messages?session_id=1").await.ok();
    assert_eq!(texts(&history), ["ann", "bob"]);
}

#[tokio::test]
async fn acts_beyond_what_a_row_holds_are_refused_and_the_sessions_row_stays_small() {
    let world = World::start().await;
    say(&world, &["ann"]).await;
    let (store, session, now) = (world.store(), session(&world).await, world.clock.now());
    // An id has 255 bytes at most; each of these stands for many acts.
    for act in 0..10 {
        let user = format!("{act}{}", "x".repeat(37_000));
        let outcome = store.purge(&session, &format!("act {act}"), &Cover::User(user), now).await.unwrap();
        assert_eq!(outcome, PurgeOutcome::Covered { up_to_seq: act + 1 });
    }
    let one_more = store.purge(&session, "more", &Cover::User("x".repeat(37_000)), now).await.unwrap();
    assert_eq!(one_more, PurgeOutcome::TooMany);
    assert_eq!(page(&world.user("bob")).await, ["ann"]);
    assert_eq!(store.head(1, now).await.unwrap().expect("a session").seq, 11, "a refused act takes no number");
    let row = world.chat_row("session#1", "session").await;
    assert!(row.keys().all(|name| !name.starts_with("mark#")), "no act leaves something in the session's row: {row:?}");
    // Old acts make room.
    world.pass(26 * HOUR);
    world.housekeep().await;
    let again = store.purge(&session, "later", &user_cover("ann"), world.clock.now()).await.unwrap();
    assert_eq!(again, PurgeOutcome::Covered { up_to_seq: 11 });
}
