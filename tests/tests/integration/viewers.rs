//! Viewers are the distinct users seen recently, and no others.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gateway::token::Claims;
use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

async fn count(observer: &User) -> Value {
    observer.get("viewers").await.ok()["viewer_count"].clone()
}

#[tokio::test]
async fn two_tabs_are_one_viewer_and_closing_one_changes_nothing() {
    let world = World::start().await;
    let (ann, observer) = (world.user("ann"), world.user("observer"));
    assert_eq!(count(&observer).await, 1, "who polls is a viewer");
    let (first, mut second) = (ann.connect().await, ann.connect().await);
    assert_eq!(count(&observer).await, 2);
    first.close(1000).await;
    second.ask(&json!({"type": "ping"})).await;
    assert_eq!(count(&observer).await, 2);
    let mut watching = observer.connect().await;
    second.close(1000).await;
    watching
        .wait_for("ann's leaving", |event| event["type"] == "viewer_count_update" && event["viewer_count"] == 1)
        .await;
    assert_eq!(count(&observer).await, 1);
}

#[tokio::test]
async fn reconnecting_and_polling_before_connecting_are_harmless() {
    let world = World::start().await;
    let ann = world.user("ann");
    ann.get("status").await.ok();
    ann.get("stats").await.ok();
    for _ in 0..3 {
        let mut socket = ann.connect().await;
        assert_eq!(socket.say("here again").await["type"], "ack");
        socket.close(1001).await;
    }
    let mut socket = ann.connect().await;
    assert_eq!(socket.ask(&json!({"type": "ping"})).await["viewer_count"], 1);
}

#[tokio::test]
async fn a_viewer_who_only_polled_is_forgotten_after_the_timeout() {
    let world = World::with(&[("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", "300")]).await;
    let (ann, observer) = (world.user("ann"), world.user("observer"));
    ann.get("viewers").await.ok();
    assert_eq!(count(&observer).await, 2);
    world.pass(200);
    assert_eq!(count(&observer).await, 2);
    world.housekeep().await;
    assert_eq!(count(&observer).await, 2, "ann was seen 200 s ago");
    world.pass(101);
    world.housekeep().await;
    assert_eq!(count(&observer).await, 1, "ann was seen 301 s ago, the observer just now");
}

#[tokio::test]
async fn a_silent_socket_keeps_its_viewer_while_it_is_open() {
    let world = World::start().await;
    let (ann, observer) = (world.user("ann"), world.user("observer"));
    let socket = ann.connect().await;
    world.pass(400);
    world.housekeep().await;
    assert_eq!(count(&observer).await, 2, "API Gateway still reports the socket as open");
    socket.close(1000).await;
    let mut watching = observer.connect().await;
    watching.wait_for("ann's leaving", |event| event["viewer_count"] == 1).await;
}

#[tokio::test]
async fn an_eleventh_socket_of_one_user_is_refused() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(ann.connect().await);
    }
    assert_eq!(ann.try_to_connect("1").await.err(), Some(429));
    assert_eq!(world.user("bob").try_to_connect("1").await.err(), None);
    let mut watching = sockets.pop().unwrap();
    sockets.pop().unwrap().close(1000).await;
    // The slot is free once the close has been processed, which the next response on another socket does not prove.
    while ann.try_to_connect("1").await.is_err() {
        watching.ask(&json!({"type": "ping"})).await;
    }
}

#[tokio::test]
async fn viewers_are_told_when_they_change() {
    let world = World::start().await;
    let mut ann = world.user("ann").connect().await;
    ann.wait_for("oneself", |event| event["type"] == "viewer_count_update" && event["viewer_count"] == 1).await;
    let bob = world.user("bob").connect().await;
    ann.wait_for("bob", |event| event["viewer_count"] == 2).await;
    bob.close(1000).await;
    ann.wait_for("bob's leaving", |event| event["viewer_count"] == 1).await;
}

#[tokio::test]
async fn a_quiet_room_hears_the_viewers_again_before_the_gateway_cuts_it() {
    let world = World::start().await;
    let mut ann = world.user("ann").connect().await;
    ann.wait_for("oneself", |event| event["type"] == "viewer_count_update").await;
    world.pass(6 * 60);
    world.housekeep().await;
    world.pass(60);
    world.housekeep().await;
    let again = ann.next("viewer_count_update").await;
    assert_eq!(again["viewer_count"], 1);
    let told = ann.events.iter().filter(|event| event["type"] == "viewer_count_update").count();
    assert_eq!(told, 2, "not before seven minutes: {:?}", ann.events);
}

#[tokio::test]
async fn viewers_that_a_crash_left_wrong_are_recounted() {
    let world = World::start().await;
    let mut ann = world.user("ann").connect().await;
    ann.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    // As if six users had left while their functions crashed between the two writes.
    let (store, now) = (world.store(), world.clock.now());
    let session = store.session(1, now).await.unwrap().expect("a session");
    assert!(store.correct_viewers(&session, 1, 7).await.unwrap());
    ann.wait_for("the wrong number", |event| event["viewer_count"] == 7).await;
    world.housekeep().await;
    ann.wait_for("the right number", |event| event["viewer_count"] == 1).await;
}

#[tokio::test]
async fn silent_sockets_are_asked_about_no_faster_than_housekeep_may() {
    const VIEWERS: usize = 12;
    // A tenth of the posts per second: ten checks.
    let settings = [("LIVE_CHAT_POSTS_PER_SECOND", "100")];
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &settings).await;
    let users: Vec<_> = (0..VIEWERS).map(|i| world.user(&format!("viewer {i}"))).collect();
    let sockets = join_all(users.iter().map(|user| user.connect())).await;
    world.pass(400);
    let (asked, asking) = std::sync::mpsc::channel();
    proxy.judge(move |request| {
        if request.operation == "GET" {
            asked.send(Instant::now()).unwrap();
        }
        Fate::Pass
    });
    world.housekeep().await;
    let times: Vec<Instant> = asking.try_iter().collect();
    assert_eq!(times.len(), VIEWERS, "each is asked about once");
    let took = times[VIEWERS - 1] - times[0];
    assert!(took > Duration::from_millis(1000), "{VIEWERS} questions came within {took:?}");
    assert_eq!(users[0].get("viewers").await.ok()["viewer_count"], VIEWERS, "all are open");
    drop(sockets);
}

/// A user whose token makes no viewer.
fn uncounted(world: &World, id: &str) -> User {
    let capabilities = ["read", "send", "uncounted", "of a later version"].map(str::to_owned).to_vec();
    world.user_with(Claims { sub: id.to_owned(), capabilities, ..Claims::default() })
}

#[tokio::test]
async fn who_is_uncounted_is_no_viewer_by_polls_sockets_frames_tickets_or_a_recount() {
    let world = World::start().await;
    let bot = uncounted(&world, "bot");
    for path in ["status", "viewers", "stats"] {
        bot.get(path).await.ok();
    }
    assert_eq!(bot.get("status").await.ok()["session"]["viewer_count"], 0);
    let mut by_token = bot.connect().await;
    let mut by_ticket = Socket::open(&bot.ticket_url("1", &bot.ticket().await), &[]).await.expect("the ticket is good");
    for socket in [&mut by_token, &mut by_ticket] {
        socket.ask(&json!({"type": "ping"})).await;
        world.pass(61);
        assert_eq!(socket.say("hello from a bot").await["type"], "ack");
    }
    assert_eq!(count(&bot).await, 0);
    world.housekeep().await;
    world.pass(400);
    world.housekeep().await;
    assert_eq!(count(&bot).await, 0, "after a recount");
    let mut ann = world.user("ann").connect().await;
    by_token.wait_for("ann", |event| event["type"] == "viewer_count_update" && event["viewer_count"] == 1).await;
    by_ticket.until_messages(2).await;
    // The same user counts by a token without the capability.
    let person = world.user("bot").connect().await;
    ann.wait_for("the person", |event| event["viewer_count"] == 2).await;
    person.close(1000).await;
    ann.wait_for("the person's leaving", |event| event["viewer_count"] == 1).await;
    by_token.close(1000).await;
    by_ticket.close(1000).await;
    world.housekeep().await;
    assert_eq!(count(&bot).await, 1);
}

#[tokio::test]
async fn who_is_uncounted_has_at_most_ten_sockets_and_dead_ones_are_forgotten() {
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &[]).await;
    let bot = uncounted(&world, "bot");
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(bot.connect().await);
    }
    assert_eq!(bot.try_to_connect("1").await.err(), Some(429));
    world.pass(400);
    // API Gateway knows none of them any more, and has said nothing.
    proxy.judge(|request| match request.operation.as_str() {
        "GET" => Fate::Answer(410, String::new()),
        _ => Fate::Pass,
    });
    world.housekeep().await;
    assert_eq!(world.store().everybody(1).await.expect("the table answers"), []);
    proxy.judge(|_| Fate::Pass);
    assert!(bot.try_to_connect("1").await.is_ok());
}
