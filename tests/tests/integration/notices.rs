//! Notices: what an act of moderation tells staff, one user or everybody.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use gateway::EngineMode;
use gateway::token::Claims;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::broadcast::audience::Audience;
use shared::domain::caller::Caller;
use shared::domain::wire::server_frame::ServerFrame;
use shared::features::sockets::store::Socket as StoredSocket;
use shared::features::sockets::store_subscribers::Slice;
use tests::proxy::{Fate, Proxy};
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

const REFUSAL: &str = r#"{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "no"}"#;

fn moderator(world: &World) -> User {
    world.user_with(Claims { sub: "mod".to_owned(), roles: vec!["moderator".to_owned()], ..Claims::default() })
}

fn to_ann() -> Audience {
    Audience::User("ann".to_owned())
}

/// Leaves a notice about an act for staff.
async fn tell_staff(world: &World, act: &str) -> String {
    world.notify(1, Audience::Staff, &ServerFrame::ModerationAction { action: &json!({"id": act}) }).await
}

/// Leaves a notice for everybody. After it, all earlier notices have been posted.
async fn tell_everybody(world: &World, slow_seconds: u64) -> String {
    let modes = tests::slow_modes(slow_seconds);
    world.notify(1, Audience::Everybody, &ServerFrame::ModesUpdate { modes: &modes }).await
}

/// Waits for a notice.
async fn until_notice(socket: &mut Socket, id: &str) {
    socket.wait_for("a notice", |event| event["notice_id"] == id).await;
}

/// The ids of the notices of a socket, in the order of their arrival.
fn notices(socket: &Socket) -> Vec<&str> {
    socket.events.iter().filter_map(|event| event["notice_id"].as_str()).collect()
}

/// Waits until no notice and no request is left.
async fn until_the_outbox_is_empty(world: &World) {
    let store = world.store();
    tests::within("an empty outbox", async {
        while store.has_outbox(1).await.expect("the table answers") {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn staff_one_user_and_everybody_hear_what_is_for_them_and_nothing_else() {
    let world = World::start().await;
    let (mut of_mod, mut of_ann) = (moderator(&world).connect().await, world.user("ann").connect().await);
    let (mut second_of_ann, mut of_bob) =
        (world.user("ann").connect_to("1", "&batch=1").await, world.user("bob").connect().await);
    let held = json!({"held_id": "h1"});
    let message_id = world.user("bob").send("hello").await.ok()["message_id"].as_u64().expect("an id");
    let message_id = shared::domain::message::MessageId::checked(1, message_id % 100_000_000).expect("an id");
    let for_staff = [
        ServerFrame::ModerationAction { action: &json!({"id": "a1"}) },
        ServerFrame::MessageHeld { held: &held },
        ServerFrame::HeldResolved { held_id: "h1", decision: "approved", message_id: Some(message_id) },
        ServerFrame::HeldResolved { held_id: "h2", decision: "expired", message_id: None },
        ServerFrame::MessageReported { message_id, reports: 2, reasons: &["spam", "other"] },
    ];
    let for_ann = [
        ServerFrame::StandingUpdate { standing: &json!({"state": "timed_out"}) },
        ServerFrame::MessageApproved { held_id: "h1", client_message_id: Some("key"), message_id },
        ServerFrame::MessageDenied { held_id: "h2", client_message_id: None, reason: "expired" },
    ];
    let (mut staff_ids, mut ann_ids) = (Vec::new(), Vec::new());
    for frame in &for_staff {
        staff_ids.push(world.notify(1, Audience::Staff, frame).await);
    }
    for frame in &for_ann {
        ann_ids.push(world.notify(1, to_ann(), frame).await);
    }
    world.notify(1, Audience::User("nobody".to_owned()), &for_ann[0]).await;
    let last = tell_everybody(&world, 30).await;
    for socket in [&mut of_mod, &mut of_ann, &mut second_of_ann, &mut of_bob] {
        until_notice(socket, &last).await;
    }
    staff_ids.push(last.clone());
    ann_ids.push(last.clone());
    assert_eq!(notices(&of_mod), staff_ids);
    assert_eq!(notices(&of_ann), ann_ids);
    assert_eq!(notices(&second_of_ann), ann_ids);
    assert_eq!(notices(&of_bob), [&last]);
    until_the_outbox_is_empty(&world).await;
}

#[tokio::test]
async fn many_notices_come_once_and_in_order_among_messages() {
    let world = World::start().await;
    let (mut of_mod, mut of_ann) = (moderator(&world).connect().await, world.user("ann").connect().await);
    let mut sent = Vec::new();
    for number in 0..120 {
        sent.push(tell_staff(&world, &format!("act {number}")).await);
        if number % 20 == 0 {
            world.user("bob").send("meanwhile").await.ok();
        }
    }
    let last = tell_everybody(&world, 0).await;
    sent.push(last.clone());
    until_notice(&mut of_mod, &last).await;
    until_notice(&mut of_ann, &last).await;
    assert_eq!(notices(&of_mod), sent);
    assert_eq!(notices(&of_ann), [&last]);
    of_mod.until_messages(6).await;
    assert_eq!(of_mod.seqs(), [1, 2, 3, 4, 5, 6]);
    until_the_outbox_is_empty(&world).await;
}

/// A world whose functions reach DynamoDB through the first proxy and `@connections` through the second one.
async fn world_behind_proxies() -> (World, Proxy, Proxy) {
    let (tables, management) = (Proxy::start().await, Proxy::start().await);
    let (tables_url, management_url) = (tables.url(), format!("{}/live", management.url()));
    let settings =
        [("AWS_ENDPOINT_URL_DYNAMODB", tables_url.as_str()), ("WEBSOCKET_ENDPOINT", management_url.as_str())];
    let world = World::start_with(Timestamp::now(), &settings, |_| {}).await;
    tables.set_target(world.gateway.database_url());
    management.set_target(&world.gateway.internal_url());
    (world, tables, management)
}

#[tokio::test]
async fn a_notice_whose_broadcast_died_before_it_deleted_the_row_comes_again_with_the_same_id() {
    let (world, tables, _management) = world_behind_proxies().await;
    let mut of_mod = moderator(&world).connect().await;
    of_mod.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    let (refused, mut refusals) = tokio::sync::mpsc::unbounded_channel();
    tables.judge(move |request| match request.operation == "DeleteItem" && request.body.contains("notice#") {
        true => {
            let _test_is_over = refused.send(());
            Fate::Answer(400, REFUSAL.to_owned())
        }
        false => Fate::Pass,
    });
    let id = tell_staff(&world, "act").await;
    until_notice(&mut of_mod, &id).await;
    // The turn tries twice, and gives up at its end.
    for _ in 0..2 {
        tests::within("a refused deletion", refusals.recv()).await;
    }
    tables.judge(|_| Fate::Pass);
    world.housekeep().await;
    until_notice(&mut of_mod, &id).await;
    until_the_outbox_is_empty(&world).await;
    world.housekeep().await;
    let last = tell_everybody(&world, 0).await;
    until_notice(&mut of_mod, &last).await;
    assert_eq!(notices(&of_mod), [&id, &id, &last]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lagging_socket_receives_the_notices_of_earlier_turns_once() {
    let (world, proxy) = World::behind_a_proxy(EngineMode::InProcess, &[]).await;
    let (paths, seen) = std::sync::mpsc::channel();
    proxy.judge(move |request| {
        let _test_is_over = paths.send(request.path.clone());
        Fate::Pass
    });
    let mut of_bob = world.user("bob").connect().await;
    of_bob.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    let path_of_bob = seen.recv().expect("a post");
    let mut of_mod = moderator(&world).connect().await;
    of_mod.wait_for("both", |event| event["viewer_count"] == 2).await;
    of_bob.wait_for("both", |event| event["viewer_count"] == 2).await;
    let (asked, asking) = std::sync::mpsc::channel();
    proxy.judge(move |request| {
        if request.path == path_of_bob || request.operation != "POST" {
            return Fate::Pass;
        }
        let _test_is_over = asked.send(());
        Fate::Answer(429, String::new())
    });
    let mut sent = vec![tell_staff(&world, "one").await, tell_staff(&world, "two").await];
    sent.push(tell_everybody(&world, 5).await);
    until_notice(&mut of_bob, &sent[2]).await;
    let store = world.store();
    tests::within("the note of what it missed", async {
        loop {
            let subscribers = store.subscribers(1, Slice::ALL).await.expect("the table answers");
            let noted = subscribers.iter().map(|subscriber| subscriber.missed_notices.len()).max();
            if noted == Some(3) && !store.has_outbox(1).await.expect("the table answers") {
                break;
            }
            // Each refused post is an event to wait for.
            tokio::task::block_in_place(|| asking.recv().expect("a refused post"));
        }
    })
    .await;
    proxy.judge(|_| Fate::Pass);
    until_notice(&mut of_mod, &sent[2]).await;
    sent.push(tell_everybody(&world, 6).await);
    until_notice(&mut of_mod, &sent[3]).await;
    until_notice(&mut of_bob, &sent[3]).await;
    assert_eq!(notices(&of_mod), sent);
    assert_eq!(notices(&of_bob), &sent[2..]);
}

#[tokio::test]
async fn in_a_large_room_a_notice_for_staff_reads_no_room_and_one_for_everybody_reaches_all() {
    let (world, tables, management) = world_behind_proxies().await;
    let mut of_mod = moderator(&world).connect().await;
    of_mod.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    let (rooms_read, posted) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(BTreeSet::new())));
    let (read, reached) = (Arc::clone(&rooms_read), Arc::clone(&posted));
    tables.judge(move |request| {
        let is_room = request.operation == "Query" && request.body.contains("\"room#1\"");
        *read.lock().expect("no panic holds it") += i32::from(is_room);
        Fate::Pass
    });
    management.judge(move |request| {
        if !request.path.contains("made-up-") {
            return Fate::Pass;
        }
        reached.lock().expect("no panic holds it").insert(request.path.clone());
        Fate::Answer(200, String::new())
    });
    let store = world.store();
    let caller = Caller::from_claims(&json!({"sub": "many", "exp": i32::MAX})).expect("claims");
    for number in 0..1001 {
        let socket = StoredSocket {
            connection_id: format!("made-up-{number}"),
            session_id: 1,
            caller: caller.clone(),
            connected_ms: world.clock.now().as_millisecond() - 60_000,
            batch: false,
            was_pruned: false,
        };
        store.subscribe(&socket).await.expect("a subscriber");
    }
    let counts = || (*rooms_read.lock().expect("no panic holds it"), posted.lock().expect("no panic holds it").len());
    let first = tell_staff(&world, "before").await;
    until_notice(&mut of_mod, &first).await;
    assert_eq!(counts(), (0, 0));
    let modes = tell_everybody(&world, 5).await;
    until_notice(&mut of_mod, &modes).await;
    until_the_outbox_is_empty(&world).await;
    let (rooms, reached) = counts();
    assert!(rooms > 1 && reached == 1001, "{rooms} reads, {reached} sockets");
    // From now on, the broadcast knows that the room is large.
    let second = tell_staff(&world, "after").await;
    until_notice(&mut of_mod, &second).await;
    assert_eq!(counts(), (rooms, 1001));
    let heard: Vec<Value> = of_mod.events.iter().filter(|event| event["notice_id"] != Value::Null).cloned().collect();
    assert_eq!(heard.len(), 3, "{heard:?}");
}
