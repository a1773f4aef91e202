//! Every frame of the contract, in both directions, and the limits of a socket.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::proxy::{Fate, Proxy};
use tests::socket::Socket;
use tests::world::{SECRET, World};
use tokio_tungstenite::tungstenite::Message;

use gateway::token::{Claims, mint};

#[tokio::test]
async fn a_message_is_acknowledged_and_reaches_everybody_the_sender_too() {
    let world = World::start().await;
    let (mut ann, mut bob) = (world.user("ann").connect().await, world.user("bob").connect().await);
    let ack = ann.ask(&json!({"type": "message", "message": " Hello everyone! ", "client_message_id": "k"})).await;
    let expected = json!({"type": "ack", "client_message_id": "k", "message_id": 100_000_001, "created_at": ack["created_at"], "duplicate": false});
    assert_eq!(ack, expected);
    for socket in [&mut ann, &mut bob] {
        socket.until_messages(1).await;
        let message = socket.messages().next().unwrap().clone();
        assert_eq!((&message["message"], &message["username"]), (&json!("Hello everyone!"), &json!("Name of ann")));
        assert_eq!((&message["id"], &message["created_at"]), (&ack["message_id"], &ack["created_at"]));
        assert_eq!(message["client_message_id"], "k");
    }
    let again = ann.ask(&json!({"type": "message", "message": "Hello", "client_message_id": "k"})).await;
    assert_eq!((&again["duplicate"], &again["message_id"]), (&json!(true), &ack["message_id"]));
    assert_eq!(ann.say("no key").await["client_message_id"], json!(null));
}

#[tokio::test]
async fn a_message_sent_over_rest_reaches_the_sockets() {
    let world = World::start().await;
    let mut socket = world.user("ann").connect().await;
    world.user("bob").send("Hello from REST API!").await.ok();
    let event = socket.next("new_message").await;
    assert_eq!(event["message"], world.user("ann").get("messages").await.ok()["messages"][0]);
}

#[tokio::test]
async fn a_ping_tells_how_things_are() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    ann.post("like").await.ok();
    socket.say("hi").await;
    socket.until_messages(1).await;
    // The cursor moves once every socket has received the message.
    let pong = loop {
        let pong = socket.ask(&json!({"type": "ping"})).await;
        if pong["last_seq"] == 1 {
            break pong;
        }
        assert_eq!(pong["last_seq"], 0);
    };
    assert!(pong["server_time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let expected =
        json!({"type": "pong", "server_time": pong["server_time"], "last_seq": 1, "viewer_count": 1, "total_likes": 1});
    assert_eq!(pong, expected);
}

#[tokio::test]
async fn resume_brings_what_was_missed() {
    let world = World::start().await;
    let ann = world.user("ann");
    for i in 1..=130 {
        ann.send(&format!("message {i}")).await.ok();
    }
    let mut socket = ann.connect().await;
    let first = socket.ask(&json!({"type": "resume", "after": 5})).await;
    assert_eq!(first["type"], "resumed");
    let seqs = |frame: &serde_json::Value| {
        frame["messages"].as_array().unwrap().iter().map(|m| m["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((seqs(&first), &first["complete"]), ((6..=105).collect(), &json!(false)));
    let second = socket.ask(&json!({"type": "resume", "after": 105})).await;
    assert_eq!((seqs(&second), &second["complete"]), ((106..=130).collect(), &json!(true)));
    let nothing = socket.ask(&json!({"type": "resume", "after": 130})).await;
    assert_eq!((seqs(&nothing), &nothing["complete"]), (vec![], &json!(true)));
    for after in ["128.0", "128e0", "1.28E+2", "12800e-2"] {
        socket.send_raw(Message::text(format!(r#"{{"type":"resume","after":{after}}}"#)));
        assert_eq!(seqs(&socket.answer().await), [129, 130], "{after}");
    }
    for after in ["-1", "\"x\"", "null", "1.5", "1e20", "1e400", "15e-1"] {
        socket.send_raw(Message::text(format!(r#"{{"type":"resume","after":{after}}}"#)));
        assert_eq!(socket.answer().await["code"], "invalid_request", "{after}");
    }
}

#[tokio::test]
async fn a_resumed_frame_has_at_most_96_kilobytes() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGE_LENGTH", "5000")]).await;
    let ann = world.user("ann");
    for _ in 0..12 {
        ann.send(&"😀".repeat(5000)).await.ok();
    }
    let mut socket = ann.connect().await;
    let (mut after, mut frames) = (0, 0);
    loop {
        let resumed = socket.ask(&json!({"type": "resume", "after": after})).await;
        assert!(resumed["messages"].to_string().len() <= 96 * 1024 + 2);
        frames += 1;
        after = resumed["messages"].as_array().unwrap().last().unwrap()["seq"].as_u64().unwrap();
        if resumed["complete"] == true {
            break;
        }
    }
    assert_eq!((after, frames > 1), (12, true));
}

#[tokio::test]
async fn anything_else_is_answered_with_an_error_and_the_socket_stays_open() {
    let world = World::start().await;
    let (mut ann, mut bob) = (world.user("ann").connect().await, world.user("bob").connect().await);
    for frame in [
        "no json",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{}",
        r#"{"type":"dance"}"#,
        r#"{"type":7}"#,
        "{\"type\":\"message\"",
        "",
        r#"{"type":"$connect"}"#,
        r#"{"type":"$disconnect"}"#,
    ] {
        ann.send_raw(Message::text(frame));
        let answer = ann.answer().await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("invalid_request")), "{frame}");
        assert!(answer["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    for frame in [
        r#"{"type":"message","message":"\ud800"}"#,
        r#"{"type":"message","message":"a\u0000"}"#,
        r#"{"type":"message","message":7}"#,
        r#"{"type":"message"}"#,
        r#"{"type":"message","message":""}"#,
    ] {
        ann.send_raw(Message::text(frame));
        assert_eq!(ann.answer().await["code"], "invalid_message", "{frame}");
    }
    assert_eq!(ann.say("still here").await["type"], "ack");
    bob.until_messages(1).await;
    assert_eq!(
        world.user("bob").get("messages").await.ok()["messages"].as_array().unwrap().len(),
        1,
        "REST is well for everybody"
    );
}

#[tokio::test]
async fn a_binary_frame_closes_its_socket_and_leaves_no_ghost() {
    let world = World::start().await;
    let mut bob = world.user("bob").connect().await;
    let mut ann = world.user("ann").connect().await;
    bob.wait_for("ann", |event| event["viewer_count"] == 2).await;
    ann.send_raw(Message::binary(vec![1, 2, 3]));
    assert_eq!(ann.closed().await.map(|(code, _)| code), Some(1003));
    bob.wait_for("ann's leaving", |event| event["viewer_count"] == 1).await;
}

#[tokio::test]
async fn a_batching_socket_gets_the_same_events() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let (mut plain, mut batched) = (ann.connect().await, bob.connect_to("1", "&batch=1").await);
    futures_util::future::join_all((0..40).map(|i| {
        let ann = ann.clone();
        async move { ann.send(&format!("message {i}")).await.ok() }
    }))
    .await;
    for socket in [&mut plain, &mut batched] {
        socket.until_messages(40).await;
        assert_eq!(socket.seqs(), (1..=40).collect::<Vec<_>>());
    }
    let messages = |socket: &Socket| socket.messages().cloned().collect::<Vec<_>>();
    assert_eq!(messages(&plain), messages(&batched));
}

#[tokio::test]
async fn a_socket_does_not_outlive_its_token() {
    let world = World::start().await;
    let claims = Claims { sub: "ann".to_owned(), ..Claims::default() };
    let token = mint(SECRET, &claims, world.clock.now(), SignedDuration::from_secs(600)).unwrap();
    let mut socket = world.user("ann").with_token(&token).connect().await;
    let mut other = world.user("bob").connect().await;
    world.pass(640);
    assert_eq!(socket.say("within the leeway").await["type"], "ack");
    world.pass(30);
    assert_eq!(socket.say("too late").await["code"], "token_expired");
    world.housekeep().await;
    assert_eq!(socket.answer().await["code"], "token_expired");
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
    assert_eq!(other.say("my token is good").await["type"], "ack");
}

#[tokio::test]
async fn more_than_sixty_frames_a_minute_end_a_socket() {
    let world = World::start().await;
    // The minute must not change in the middle.
    world.clock.set("2030-01-01T00:00:01Z".parse().unwrap());
    let mut socket = world.user("ann").connect().await;
    let mut other = world.user("bob").connect().await;
    for i in 0..60 {
        assert_eq!(socket.ask(&json!({"type": "ping"})).await["type"], "pong", "frame {i}");
    }
    let refused = socket.ask(&json!({"type": "ping"})).await;
    assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("rate_limited")));
    assert!(refused["retry_after_ms"].as_u64().is_some());
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
    assert_eq!(other.say("unharmed").await["type"], "ack");
}

#[tokio::test]
async fn a_socket_that_joins_during_traffic_is_not_deaf() {
    let world = World::start().await;
    let talker = world.user("talker").connect().await;
    for round in 0..15 {
        // Messages are in flight during the handshake.
        for i in 0..3 {
            talker.send(&json!({"type": "message", "message": format!("{round} {i}")}));
        }
        let mut joiner = world.user(&format!("joiner{round}")).connect().await;
        let ack = joiner.say("I am here").await;
        let seq = ack["message_id"].as_u64().unwrap() - 100_000_000;
        joiner.message(seq).await;
        let seqs = joiner.seqs();
        assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "a hole or a repeat: {seqs:?}");
        joiner.close(1000).await;
    }
}

#[tokio::test]
async fn a_hundred_sockets_do_not_freeze_the_server() {
    let world = World::start().await;
    let users: Vec<_> = (0..100).map(|i| world.user(&format!("user{i}"))).collect();
    let mut sockets = futures_util::future::join_all(users.iter().map(|user| user.connect())).await;
    assert_eq!(users[0].get("viewers").await.ok()["viewer_count"], 100);
    sockets[0].say("to all").await;
    for socket in &mut sockets {
        socket.until_messages(1).await;
        assert_eq!(socket.seqs(), [1]);
    }
}

#[tokio::test]
async fn a_room_of_more_than_a_thousand_sockets_is_served_in_slices() {
    let proxy = Proxy::start().await;
    let settings = [("AWS_ENDPOINT_URL_LAMBDA", proxy.url())];
    let settings = settings.each_ref().map(|(name, url)| (*name, url.as_str()));
    let world = World::start_with(Timestamp::now(), &settings, |_| {}).await;
    proxy.set_target(&world.gateway.internal_url());
    let (invoked, mut slices) = tokio::sync::mpsc::unbounded_channel();
    proxy.judge(move |request| {
        let _test_is_over = invoked.send(request.path.clone());
        Fate::Pass
    });
    let users: Vec<_> = (0..105).map(|i| world.user(&format!("user{i}"))).collect();
    let mut sockets: Vec<Socket> = Vec::new();
    for _ in 0..10 {
        sockets.extend(join_all(users.iter().map(|user| user.connect())).await);
    }
    for user in &users[..5] {
        user.send("to everybody").await.ok();
    }
    for socket in &mut sockets {
        socket.until_messages(5).await;
        assert_eq!(socket.seqs(), [1, 2, 3, 4, 5]);
    }
    let invoked = slices.recv().await.expect("fan-out was invoked");
    assert!(invoked.contains("fan-out") || invoked.contains("FanOut"), "{invoked}");
}
