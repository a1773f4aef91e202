//! Housekeeping's tasks: a task that fails, or has more work than fits into a minute, does not delay the others.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use gateway::token::{Claims, mint};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::domain::config::Config;
use shared::lambda::app::App;
use shared::platform::aws::AwsEnvironment;
use tests::proxy::{Fate, ProxiedRequest, Proxy};
use tests::rest::User;
use tests::world::{SECRET, World};
use tokio::time::Instant;

/// Opens this many sockets of a user and closes them without the chat noticing.
async fn leave_without_a_word(proxy: &Proxy, user: &User, sockets: usize) {
    let (failed, mut failing) = tokio::sync::mpsc::unbounded_channel();
    proxy.judge(move |request| match request.caller == "ws-disconnect" {
        true => {
            let _test_is_over = failed.send(());
            Fate::denied()
        }
        false => Fate::Pass,
    });
    for _ in 0..sockets {
        user.connect().await.close(1000).await;
        tests::within("the lost $disconnect", failing.recv()).await.expect("the proxy runs");
    }
    proxy.judge(|_| Fate::Pass);
}

/// Housekeeping itself, to which a test may give less time than Lambda does.
fn housekeeping(world: &World, tables: &str, management: &str, posts_per_second: &str) -> Arc<App> {
    let lookup = |name: &str| {
        Some(match name {
            "AWS_ENDPOINT_URL_DYNAMODB" => tables.to_owned(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "JWT_SECRET" => "local".to_owned(),
            "WEBSOCKET_ENDPOINT" => management.to_owned(),
            "LIVE_CHAT_POSTS_PER_SECOND" => posts_per_second.to_owned(),
            _ => return None,
        })
    };
    let (config, aws) = (Config::from_lookup(lookup), AwsEnvironment::from_lookup(lookup));
    App::new(config.expect("settings"), aws.expect("an environment"), world.clock.clone()).expect("an app")
}

#[tokio::test]
async fn a_viewer_who_cannot_be_ended_keeps_no_other_duty_undone() {
    let (world, proxy) = World::watched(Timestamp::now(), &[]).await;
    let mut listener = world.user("listener").connect().await;
    listener.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    leave_without_a_word(&proxy, &world.user("gone"), 1).await;
    listener.wait_for("the other", |event| event["viewer_count"] == 2).await;
    let claims = Claims { sub: "short".to_owned(), ..Claims::default() };
    let token = mint(SECRET, &claims, world.clock.now(), SignedDuration::from_mins(5)).expect("a token");
    let mut expiring = User::new("short", &token, &world.gateway.url()).connect().await;
    listener.wait_for("the third", |event| event["viewer_count"] == 3).await;
    world.pass(8 * 60);
    proxy.judge(|request| match request.body.contains("DELETE sockets") && request.caller == "housekeep" {
        true => Fate::denied(),
        false => Fate::Pass,
    });
    world.housekeep().await;
    // The room was quiet for eight minutes, and a token has expired.
    listener.next("viewer_count_update").await;
    assert_eq!(expiring.answer().await["code"], "token_expired");
    expiring.closed().await;
    proxy.judge(|_| Fate::Pass);
    world.housekeep().await;
    listener.wait_for("that only the listener is left", |event| event["viewer_count"] == 1).await;
}

#[tokio::test]
async fn a_run_with_a_failure_is_a_failure() {
    let (world, proxy) = World::watched(Timestamp::now(), &[]).await;
    world.user("ann").get("status").await.ok();
    let app = housekeeping(&world, &proxy.url(), &world.gateway.internal_url(), "100");
    let until = || Instant::now() + Duration::from_secs(10);
    app.housekeeping().run(until()).await.expect("all is well");
    proxy.judge(|request| match request.body.contains("presence#1") {
        true => Fate::denied(),
        false => Fate::Pass,
    });
    app.housekeeping().run(until()).await.expect_err("the viewers cannot be read");
}

#[tokio::test]
async fn silent_viewers_for_whom_the_time_did_not_suffice_are_asked_about_later() {
    const VIEWERS: usize = 90;
    let (world, proxy) = (World::start().await, Proxy::start().await);
    proxy.set_target(&world.gateway.internal_url());
    let users: Vec<_> = (0..VIEWERS).map(|i| world.user(&format!("viewer {i}"))).collect();
    let sockets = join_all(users.iter().map(|user| user.connect())).await;
    world.pass(400);
    let (ask, asked) = std::sync::mpsc::channel();
    proxy.judge(move |request: &ProxiedRequest| {
        if request.operation == "GET" {
            ask.send(request.path.clone()).expect("the test listens");
        }
        Fate::Pass
    });
    // A tenth of the posts per second: a hundred checks, of which about forty fit into the time.
    let app = housekeeping(&world, world.gateway.database_url(), &format!("{}/live", proxy.url()), "1000");
    let mut all = BTreeSet::new();
    tests::within("a question about everybody", async {
        while all.len() < VIEWERS {
            app.housekeeping().run(Instant::now() + Duration::from_millis(400)).await.expect("the tables answer");
            let now: Vec<String> = asked.try_iter().collect();
            assert!(now.len() < VIEWERS * 2 / 3, "{} questions in 0.4 seconds", now.len());
            all.extend(now);
        }
    })
    .await;
    assert_eq!(users[0].get("viewers").await.ok()["viewer_count"], VIEWERS, "all are open");
    drop(sockets);
}

#[tokio::test]
async fn sockets_whose_end_nobody_told_make_room_for_new_ones_of_a_user_who_is_here() {
    let (world, proxy) = World::watched(Timestamp::now(), &[]).await;
    let ann = world.user("ann");
    let mut tab = ann.connect().await;
    leave_without_a_word(&proxy, &ann, 9).await;
    assert_eq!(ann.try_to_connect("1").await.err(), Some(429));
    world.pass(70);
    assert_eq!(tab.ask(&json!({"type": "ping"})).await["type"], "pong");
    world.housekeep().await;
    let mut new_tab = ann.connect().await;
    assert_eq!(tab.ask(&json!({"type": "ping"})).await["viewer_count"], 1);
    assert_eq!(new_tab.say("hello").await["type"], "ack");
    tab.until_messages(1).await;
}

#[tokio::test]
async fn who_left_an_ended_session_without_a_word_is_swept_up() {
    let evening = "2024-01-02T01:50:00Z".parse().expect("a time");
    let (world, proxy) = World::watched(evening, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let (observer, store) = (world.user("observer"), world.store());
    leave_without_a_word(&proxy, &world.user("gone"), 1).await;
    world.user("who only polls").get("status").await.ok();
    let mut ann = world.user("ann").connect().await;
    world.pass(11 * 60);
    let viewers = async || observer.get("viewers?session_id=1").await.ok()["viewer_count"].clone();
    assert_eq!(viewers().await, 3);
    world.housekeep().await;
    assert_eq!(ann.next("session_ended").await["session_id"], 1);
    ann.closed().await;
    tests::within("the end", async {
        while !store.cursor(1).await.expect("the table answers").finished {
            tokio::task::yield_now().await;
        }
    })
    .await;
    world.pass(60);
    world.housekeep().await;
    assert_eq!(store.viewers(1).await.expect("the table answers"), []);
    assert_eq!(viewers().await, 0);
}

#[tokio::test]
async fn a_clock_that_is_behind_ends_no_session_that_it_has_not_seen_begin() {
    let evening = "2024-01-02T00:10:00Z".parse().expect("a time");
    let world = World::at(evening, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let mut ann = world.user("ann").connect().await;
    world.pass(-3600);
    world.housekeep().await;
    world.pass(3600);
    assert_eq!(ann.say("still here").await["type"], "ack");
    ann.until_messages(1).await;
}

#[tokio::test]
async fn after_the_clock_jumped_back_nobody_stays_a_viewer_until_it_catches_up() {
    let world = World::start().await;
    let (ann, observer) = (world.user("ann"), world.user("observer"));
    ann.get("status").await.ok();
    world.pass(3600);
    ann.get("status").await.ok();
    world.pass(-3600);
    assert_eq!(observer.get("viewers").await.ok()["viewer_count"], 2);
    world.housekeep().await;
    assert_eq!(observer.get("viewers").await.ok()["viewer_count"], 1, "nobody knows when ann was seen");
    assert_eq!(ann.get("viewers").await.ok()["viewer_count"], 2, "ann is seen again");
}
