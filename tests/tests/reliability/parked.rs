//! Records that the stream gave up because the broadcast failed for too long: their changes are found again.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use gateway::EngineMode;
use gateway::token::Claims;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::json;
use shared::broadcast::audience::Audience;
use shared::domain::wire::server_frame::ServerFrame;
use tests::proxy::{Fate, Proxy};
use tests::socket::Socket;
use tests::world::World;

/// A world whose stream gives a record up after three seconds.
async fn world_of_short_timeouts(now: Timestamp, settings: &[(&str, &str)]) -> (World, Proxy) {
    let proxy = Proxy::start().await;
    let url = proxy.url();
    let mut all = vec![("AWS_ENDPOINT_URL_DYNAMODB", url.as_str())];
    all.extend(settings);
    let world = World::start_on(EngineMode::InProcess, now, &all, |options| {
        options.maximum_record_age = Some(Duration::from_secs(3));
        options.caller_per_function = true;
    })
    .await;
    proxy.lead_to_tables_of(&world.gateway);
    (world, proxy)
}

/// Makes a change while the broadcast cannot reach its table, and waits until the stream has given the record up.
async fn lose_the_bell_of(world: &World, proxy: &Proxy, change: impl Future) {
    let letters = || std::fs::read_to_string(world.gateway.folder().join("dead_letters.jsonl")).unwrap_or_default();
    let before = letters();
    let is_of_the_broadcast = |caller: &str| caller == "broadcast";
    proxy.judge(move |request| if is_of_the_broadcast(&request.caller) { Fate::denied() } else { Fate::Pass });
    change.await;
    let reader = world.user("listener");
    tests::within("a dead letter", async {
        while letters() == before {
            reader.get("status").await.ok();
        }
    })
    .await;
    proxy.judge(|_| Fate::Pass);
}

/// Leaves a notice for everybody.
async fn notify(world: &World, slow_seconds: u64) {
    let modes = tests::slow_modes(slow_seconds);
    world.notify(1, Audience::Everybody, &ServerFrame::ModesUpdate { modes: &modes }).await;
}

/// A socket that has received two messages and a viewer count that includes it.
async fn listener(world: &World) -> Socket {
    let mut listener = world.user("listener").connect().await;
    listener.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    for (i, text) in ["to be liked", "to be deleted"].into_iter().enumerate() {
        world.user("ann").send(text).await.ok();
        listener.until_messages(i + 1).await;
    }
    listener
}

/// Waits for a like of the first message and the deletion of the second.
async fn like_and_deletion(listener: &mut Socket) {
    let (liked, deleted) = (Cell::new(false), Cell::new(false));
    listener
        .wait_for("the like and the deletion, in whatever order", |event| {
            liked.set(liked.get() || (event["message_id"] == 100_000_001 && event["likes"] == 1));
            deleted.set(deleted.get() || (event["type"] == "message_deleted" && event["message_id"] == 100_000_002));
            liked.get() && deleted.get()
        })
        .await;
}

/// Delivers a record to the broadcast that has waited for so long.
async fn deliver_a_record_that_waited(world: &World, waited: SignedDuration) {
    let created = (Timestamp::now() - waited).as_second();
    let record = json!({"eventID": "1", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "dynamodb": {"ApproximateCreationDateTime": created, "Keys": {"pk": {"S": "session#1"}, "sk": {"S": "viewers"}},
            "OldImage": {}, "NewImage": {}, "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES"}});
    let url = format!("{}/2015-03-31/functions/broadcast/invocations", world.gateway.internal_url());
    let (mut headers, body) = (HeaderMap::new(), json!({"Records": [record]}).to_string());
    let key = tests::signed::access_key();
    tests::signed::add(&mut headers, ("POST", &url), body.as_bytes(), (key.id(), "us-east-1", "lambda"));
    let answer = tests::rest::answer(world.http().post(url).headers(headers).body(body)).await;
    assert_eq!((answer.status, answer.headers.get("x-amz-function-error")), (200, None), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_messages_like_and_deletion_whose_bells_were_lost_are_told_after_housekeep() {
    let no_limit = [("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")];
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &no_limit).await;
    let mut listener = listener(&world).await;
    let (ann, fan) = (world.user("ann"), world.user("fan"));
    world.pass(6 * 60);
    for _ in 0..21 {
        join_all((0..10).map(|_| ann.send("a newer one"))).await.into_iter().for_each(|sent| drop(sent.ok()));
    }
    listener.until_messages(212).await;
    lose_the_bell_of(&world, &proxy, async { fan.post("like-message/100000001").await.ok() }).await;
    lose_the_bell_of(&world, &proxy, async { ann.delete("messages/100000002").await.ok() }).await;
    world.pass(60);
    world.housekeep().await;
    like_and_deletion(&mut listener).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_like_whose_bell_waited_for_half_a_minute_before_the_silence_is_told_after_housekeep() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[]).await;
    let mut listener = listener(&world).await;
    let fan = world.user("fan");
    lose_the_bell_of(&world, &proxy, async { fan.post("like-message/100000001").await.ok() }).await;
    world.pass(30);
    // A turn that ends well, of a record that is older than the like's.
    deliver_a_record_that_waited(&world, SignedDuration::from_secs(40)).await;
    world.pass(60);
    world.housekeep().await;
    listener.wait_for("the like", |event| event["message_id"] == 100_000_001 && event["likes"] == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_like_whose_bell_was_lost_is_told_after_housekeep() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[]).await;
    let mut listener = listener(&world).await;
    let fan = world.user("fan");
    lose_the_bell_of(&world, &proxy, async { fan.post("like").await.ok() }).await;
    world.housekeep().await;
    listener.wait_for("the like", |event| event["total_likes"] == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_whose_bell_was_lost_are_told_after_housekeep_also_without_sockets() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[]).await;
    let mut listener = listener(&world).await;
    let fan = world.user("fan");
    let react = async || fan.call(Method::POST, "react", Some(json!({"reactions": {"🎉": 3}}).to_string())).await.ok();
    lose_the_bell_of(&world, &proxy, react()).await;
    world.housekeep().await;
    listener.wait_for("the reactions", |event| event["totals"]["🎉"] == 3).await;
    listener.close(1000).await;
    world.pass(2);
    lose_the_bell_of(&world, &proxy, react()).await;
    world.housekeep().await;
    tests::within("the totals", async { while fan.get("status").await.ok()["session"]["reactions"]["🎉"] != 6 {} })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_messages_like_and_a_deletion_whose_bells_were_lost_are_told_after_housekeep() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[]).await;
    let mut listener = listener(&world).await;
    let (ann, fan) = (world.user("ann"), world.user("fan"));
    lose_the_bell_of(&world, &proxy, async { fan.post("like-message/100000001").await.ok() }).await;
    lose_the_bell_of(&world, &proxy, async { ann.delete("messages/100000002").await.ok() }).await;
    world.pass(60);
    world.housekeep().await;
    like_and_deletion(&mut listener).await;
    // Everything has been sent by now: nothing is sent again.
    world.pass(60);
    world.housekeep().await;
    ann.send("the last").await.ok();
    listener.until_messages(3).await;
    let of_kind = |kind: &str| listener.events.iter().filter(|event| event["type"] == kind).count();
    assert_eq!((of_kind("message_like_update"), of_kind("message_deleted")), (1, 1), "{:?}", listener.events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_hidden_and_then_back_is_told_after_housekeep_if_the_bells_were_lost() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[("LIVE_CHAT_HIDE_AT_REPORTS", "2")]).await;
    let mut listener = listener(&world).await;
    let mona =
        world.user_with(Claims { sub: "mona".to_owned(), roles: vec!["moderator".to_owned()], ..Claims::default() });
    let report = async |user: &str| {
        let body = json!({"reason": "spam"}).to_string();
        world.user(user).call(Method::POST, "report-message/100000001", Some(body)).await.ok();
    };
    report("one").await;
    lose_the_bell_of(&world, &proxy, report("two")).await;
    world.pass(60);
    world.housekeep().await;
    assert_eq!(listener.next("message_deleted").await["message_id"], 100_000_001);
    let dismiss = json!({"action": "dismiss_reports", "message_id": 100_000_001}).to_string();
    let dismissal = async { mona.call(Method::POST, "moderation/actions", Some(dismiss)).await.ok() };
    lose_the_bell_of(&world, &proxy, dismissal).await;
    world.pass(60);
    world.housekeep().await;
    assert_eq!(listener.next("message_restored").await["message"]["message"], "to be liked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_message_whose_deletion_is_taken_back_is_told_after_housekeep_if_the_bell_was_lost() {
    let no_limit = [("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")];
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &no_limit).await;
    let mut listener = listener(&world).await;
    let (mona, ann) = (world.moderator(), world.user("ann"));
    world.pass(6 * 60);
    for _ in 0..21 {
        join_all((0..10).map(|_| ann.send("a newer one"))).await.into_iter().for_each(|sent| drop(sent.ok()));
    }
    listener.until_messages(212).await;
    mona.delete("messages/100000002").await.ok();
    assert_eq!(listener.next("message_deleted").await["message_id"], 100_000_002);
    let entry = mona.get("moderation/actions?action=delete").await.ok()["actions"][0]["id"].clone();
    let restore = json!({"action": "restore", "action_id": entry}).to_string();
    world.pass(60);
    let restoration = async { mona.call(Method::POST, "moderation/actions", Some(restore)).await.ok() };
    lose_the_bell_of(&world, &proxy, restoration).await;
    world.pass(60);
    world.housekeep().await;
    assert_eq!(listener.next("message_restored").await["message"]["message"], "to be deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_bell_was_lost_is_told_by_the_next_bell_after_the_silence() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[]).await;
    let mut listener = listener(&world).await;
    let ann = world.user("ann");
    lose_the_bell_of(&world, &proxy, async { ann.delete("messages/100000002").await.ok() }).await;
    world.pass(60);
    ann.send("after the silence").await.ok();
    listener.until_messages(3).await;
    if !listener.events.iter().any(|event| event["type"] == "message_deleted") {
        listener.wait_for("the deletion", |event| event["message_id"] == 100_000_002).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_and_closings_whose_bells_were_lost_are_done_after_housekeep() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[]).await;
    let mut listener = listener(&world).await;
    let mut of_mallory = world.user("mallory").connect().await;
    lose_the_bell_of(&world, &proxy, async { notify(&world, 1).await }).await;
    let store = world.store();
    let close = async { store.close_sockets_of(1, "mallory", world.clock.now()).await.expect("the table answers") };
    lose_the_bell_of(&world, &proxy, close).await;
    world.housekeep().await;
    assert_eq!(listener.next("modes_update").await["modes"]["slow_seconds"], 1);
    of_mallory.closed().await;
    // Everything is done by now: nothing is repeated.
    world.housekeep().await;
    notify(&world, 2).await;
    assert_eq!(listener.next("modes_update").await["modes"]["slow_seconds"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_whose_bell_was_lost_comes_before_the_end_of_its_session() {
    let now = "2024-01-02T01:58:00Z".parse().unwrap();
    let (world, proxy) = world_of_short_timeouts(now, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let mut listener = listener(&world).await;
    lose_the_bell_of(&world, &proxy, notify(&world, 1)).await;
    world.pass(180);
    world.housekeep().await;
    listener.next("session_ended").await;
    let of_kind = |kind: &str| listener.events.iter().position(|event| event["type"] == kind);
    assert!(of_kind("modes_update") < of_kind("session_ended") && of_kind("modes_update").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_session_whose_bell_was_lost_is_told_after_the_next_housekeep() {
    let now = "2024-01-02T01:58:00Z".parse().unwrap();
    let (world, proxy) = world_of_short_timeouts(now, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let mut listener = listener(&world).await;
    world.pass(180);
    lose_the_bell_of(&world, &proxy, world.housekeep()).await;
    world.housekeep().await;
    listener.next("session_ended").await;
    assert_eq!(listener.closed().await.map(|(code, _)| code), Some(1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_and_its_messages_deletion_whose_bells_were_lost_are_told_after_housekeep() {
    let (world, proxy) = world_of_short_timeouts(Timestamp::now(), &[]).await;
    let mut listener = listener(&world).await;
    let (hans, ann) = (world.host(), world.user("ann"));
    let pin = json!({"action": "pin", "message_id": 100_000_002}).to_string();
    let pinning = async { hans.call(Method::POST, "moderation/actions", Some(pin)).await.ok() };
    lose_the_bell_of(&world, &proxy, pinning).await;
    world.housekeep().await;
    listener.wait_for("the pin", |event| event["pins"][0]["id"] == 100_000_002).await;
    lose_the_bell_of(&world, &proxy, async { ann.delete("messages/100000002").await.ok() }).await;
    world.pass(60);
    world.housekeep().await;
    listener.wait_for("no pins", |event| event["pins"] == json!([])).await;
}
