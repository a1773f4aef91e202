//! Events: told in their place among the messages, stored once, and no messages.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use tests::answer::Answer;
use tests::proxy::Fate;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

use super::{act, host, say};

/// Tells an event.
async fn tell(user: &User, body: &Value) -> Answer {
    user.call(Method::POST, "events", Some(body.to_string())).await
}

/// What a socket has heard of messages and events, in order: the numbers, and the name of each event.
fn heard(socket: &Socket) -> Vec<(u64, Value)> {
    let numbered = socket.events.iter().filter_map(|event| match event["type"].as_str() {
        Some("new_message") => Some((event["message"]["seq"].as_u64()?, Value::Null)),
        Some("event") => Some((event["seq"].as_u64()?, event["name"].clone())),
        _ => None,
    });
    numbered.collect()
}

#[tokio::test]
async fn an_event_stands_among_the_messages_and_is_none() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    say(&ann, "before").await;
    let told =
        tell(&hans, &json!({"name": " goal\u{200b} ", "attributes": {"team": "red", "note": " a\nb "}})).await.ok();
    assert_eq!((&told["message"], &told["duplicate"]), (&json!("Event sent successfully"), &json!(false)));
    assert_eq!((&told["session_id"], &told["seq"]), (&json!(1), &json!(2)));
    tell(&hans, &json!({"name": "curtain"})).await.ok();
    say(&ann, "after").await;
    socket.message(4).await;
    assert_eq!(heard(&socket), [(1, json!(null)), (2, json!("goal")), (3, json!("curtain")), (4, json!(null))]);
    let goal = json!({"type": "event", "seq": 2, "name": "goal", "attributes": {"team": "red", "note": " a\nb "}});
    let curtain = json!({"type": "event", "seq": 3, "name": "curtain", "attributes": {}});
    assert!(socket.events.contains(&goal) && socket.events.contains(&curtain), "{:?}", socket.events);

    // A client that was away gets them; one that comes now reads messages alone.
    let resumed = socket.ask(&json!({"type": "resume", "after": 1})).await;
    assert_eq!((&resumed["events"], &resumed["last_seq"]), (&json!([goal, curtain]), &json!(4)));
    let later = ann.get("messages?after=100000001").await.ok();
    assert_eq!(later["events"], json!([goal, curtain]));
    let page = ann.get("messages").await.ok();
    assert_eq!((page["messages"].as_array().map(Vec::len), &page["events"]), (Some(2), &Value::Null));
    let stats = ann.get("stats").await.ok();
    assert_eq!((&stats["total_messages"], &stats["recent_messages"]), (&json!(2), &json!(2)));
    for path in ["like-message/100000002", "report-message/100000002"] {
        assert_eq!(ann.call(Method::POST, path, Some(json!({"reason": "spam"}).to_string())).await.status, 404);
    }
    assert_eq!(ann.delete("messages/100000002").await.status, 404);
    let log = hans.get("moderation/actions").await.ok();
    assert_eq!(log["actions"], json!([]));
}

#[tokio::test]
async fn an_event_is_told_once_under_its_key() {
    let world = World::start().await;
    let (hans, mona, ann) = (host(&world), world.moderator(), world.user("ann"));
    let mut socket = ann.connect().await;
    let goal = json!({"name": "goal", "client_event_id": "k"});
    // A message may have the same key.
    hans.send_as("hello", "k").await.ok();
    let calls = join_all((0..5).map(|_| tell(&hans, &goal))).await;
    let answers: Vec<Value> = calls.into_iter().map(Answer::ok).collect();
    let numbers: BTreeSet<u64> = answers.iter().filter_map(|answer| answer["seq"].as_u64()).collect();
    assert_eq!(numbers.len(), 1, "{answers:?}");
    let firsts = answers.iter().filter(|answer| answer["duplicate"] == false).count();
    assert_eq!(firsts, 1, "{answers:?}");
    let again = tell(&hans, &json!({"name": "another", "client_event_id": "k"})).await.ok();
    assert_eq!((&again["seq"], &again["created_at"]), (&answers[0]["seq"], &answers[0]["created_at"]));
    assert_eq!((&again["message"], &again["duplicate"]), (&json!("Event already sent"), &json!(true)));
    // Keys are those of a sender.
    assert_eq!(tell(&mona, &goal).await.ok()["duplicate"], false);
    say(&ann, "last").await;
    socket.wait_for("the last message", |event| event["message"]["message"] == "last").await;
    assert_eq!(heard(&socket).iter().filter(|(_, name)| !name.is_null()).count(), 2);
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 2, "lost numbers count as void once");
}

#[tokio::test]
async fn only_those_who_may_announce_tell_events_while_the_session_is_open() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "3")]).await;
    let (hans, goal) = (host(&world), json!({"name": "goal"}));
    let refused = tell(&world.user("ann"), &goal).await;
    assert_eq!(refused.json["detail"], "The token lacks the capability announce");
    assert_eq!(tell(&hans, &json!({"name": ""})).await.problem(), (400, "invalid_request".to_owned()));
    for (sanction, code) in [
        (json!({"action": "timeout", "user_id": "mona", "seconds": 60}), "timed_out"),
        (json!({"action": "ban", "user_id": "mona"}), "banned"),
        (json!({"action": "shadow_ban", "user_id": "mona"}), "forbidden"),
    ] {
        act(&hans, &sanction).await.ok();
        assert_eq!(tell(&world.moderator(), &goal).await.problem(), (403, code.to_owned()), "{sanction}");
        act(&hans, &json!({"action": "lift", "user_id": "mona"})).await.ok();
    }
    // Messages and events count together, and the modes of viewers stop no event.
    act(&hans, &json!({"action": "set_modes", "modes": {"slow_seconds": 60, "review_all": true}})).await.ok();
    hans.send("hello").await.ok();
    for _ in 0..2 {
        tell(&hans, &goal).await.ok();
    }
    assert_eq!(tell(&hans, &goal).await.problem(), (429, "rate_limited".to_owned()));

    let stage = json!({"name": "Launch", "room": "stage", "messages_per_minute": 1}).to_string();
    let hera = world.user_as("hera", "host");
    let id = hera.call(Method::POST, "sessions", Some(stage)).await.json["session"]["id"].as_u64().expect("an id");
    let told = hera.call(Method::POST, "events?room=stage", Some(goal.to_string())).await.ok();
    assert_eq!((&told["session_id"], &told["seq"]), (&json!(id), &json!(1)));
    let second = hera.call(Method::POST, &format!("events?session_id={id}"), Some(goal.to_string())).await;
    assert_eq!(second.problem(), (429, "rate_limited".to_owned()), "the limit of the session holds");
    hera.call(Method::POST, &format!("sessions/{id}/end"), Some("{}".to_owned())).await.ok();
    let (ines, path) = (world.user_as("ines", "host"), format!("events?session_id={id}"));
    let late = ines.call(Method::POST, &path, Some(goal.to_string())).await;
    assert_eq!(late.problem(), (403, "chat_not_active".to_owned()));
}

#[tokio::test]
async fn a_purge_leaves_events_and_a_clear_ends_their_repetition() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    say(&ann, "one").await;
    tell(&hans, &json!({"name": "goal"})).await.ok();
    act(&hans, &json!({"action": "purge", "user_id": "ann"})).await.ok();
    act(&hans, &json!({"action": "purge", "user_id": "hans"})).await;
    let resumed = socket.ask(&json!({"type": "resume", "after": 0})).await;
    let kinds: Vec<&str> =
        resumed["events"].as_array().expect("events").iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds, ["event", "user_purged"]);
    act(&hans, &json!({"action": "clear"})).await.ok();
    tell(&hans, &json!({"name": "curtain"})).await.ok();
    let resumed = socket.ask(&json!({"type": "resume", "after": 0})).await;
    let names: Vec<&Value> = resumed["events"].as_array().expect("events").iter().map(|event| &event["name"]).collect();
    assert_eq!(names, [&Value::Null, &json!("curtain")], "{resumed}");
}

#[tokio::test]
async fn an_event_whose_answers_are_lost_takes_one_number_and_tells_once() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    say(&ann, "first").await;
    let mut cut = BTreeSet::new();
    proxy.judge(move |request| {
        let is_of_the_event = request.body.contains("mark#") || request.body.contains("goal");
        let is_first = is_of_the_event && cut.insert((request.operation.clone(), request.body.contains("REMOVE")));
        if is_first { Fate::CutAfter } else { Fate::Pass }
    });
    assert_eq!(tell(&hans, &json!({"name": "goal"})).await.ok()["seq"], 2);
    proxy.judge(|_| Fate::Pass);
    say(&ann, "last").await;
    socket.message(3).await;
    assert_eq!(heard(&socket), [(1, json!(null)), (2, json!("goal")), (3, json!(null))]);
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 2);
    let marks: Vec<String> =
        world.chat_row("session#1", "session").await.into_keys().filter(|name| name.starts_with("mark#")).collect();
    assert!(marks.is_empty(), "{marks:?}");
}

#[tokio::test]
async fn a_number_that_a_crash_lost_is_settled_once() {
    let world = World::start().await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    say(&ann, "first").await;
    let (store, now) = (world.store(), world.clock.now());
    let session = store.session(1, now).await.expect("the table answers").expect("a session");
    let (allocation, _mark) =
        store.allocate_marked_seq(&session, Rules::default(), now).await.expect("the table answers");
    assert_eq!(allocation, SeqAllocation::Allocated(2));
    // The function crashed here.
    tell(&hans, &json!({"name": "goal"})).await.ok();
    say(&ann, "last").await;
    socket.message(4).await;
    assert_eq!(heard(&socket), [(1, json!(null)), (3, json!("goal")), (4, json!(null))]);
    let head = store.head(1, world.clock.now()).await.unwrap().expect("a session");
    assert_eq!((head.seq, head.total_messages, head.recent_messages), (4, 2, 2), "the lost number counts as void once");
}

#[tokio::test]
async fn an_event_under_way_is_refused_once_its_sender_is_banned() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, mona, ann) = (host(&world), world.moderator(), world.user("ann"));
    say(&ann, "before").await;
    // It has read the standing, and waits for its number.
    proxy.judge(|request| {
        if request.operation == "UpdateItem" && request.body.contains("#mark = seq") { Fate::Hold } else { Fate::Pass }
    });
    let goal = json!({"name": "goal", "client_event_id": "k"});
    let (told, ()) = tokio::join!(tell(&mona, &goal), async {
        let held = proxy.next_held().await;
        proxy.judge(|_| Fate::Pass);
        act(&hans, &json!({"action": "ban", "user_id": "mona"})).await.ok();
        held.release();
    });
    assert_eq!(told.problem(), (403, "banned".to_owned()));
    let page = ann.get("messages?after=100000001").await.ok();
    assert_eq!(page["events"], Value::Null, "{page}");
}

#[tokio::test]
async fn a_lagging_socket_hears_of_an_event_in_its_place() {
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &[]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    socket.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    proxy.judge(|request| if request.operation == "POST" { Fate::Answer(429, String::new()) } else { Fate::Pass });
    say(&ann, "one").await;
    tell(&hans, &json!({"name": "goal"})).await.ok();
    say(&ann, "three").await;
    proxy.judge(|_| Fate::Pass);
    world.housekeep().await;
    socket.message(3).await;
    assert_eq!(heard(&socket), [(1, json!(null)), (2, json!("goal")), (3, json!(null))]);
}

#[tokio::test]
async fn an_event_is_acknowledged_once_it_is_stored_whatever_fails_then() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut socket = ann.connect().await;
    proxy.judge(|request| match request.operation == "UpdateItem" && request.body.contains("REMOVE #mark") {
        true => Fate::Answer(400, r#"{"__type": "ValidationException"}"#.to_owned()),
        false => Fate::Pass,
    });
    assert_eq!(tell(&hans, &json!({"name": "goal"})).await.ok()["seq"], 1);
    proxy.judge(|_| Fate::Pass);
    say(&ann, "last").await;
    socket.message(2).await;
    assert_eq!(heard(&socket), [(1, json!("goal")), (2, json!(null))]);
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 1);
}

#[tokio::test]
async fn a_long_run_of_events_is_read_to_its_end_in_parts() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    say(&ann, "before").await;
    // More than an answer to `resume` holds in number, and in bytes.
    let body = json!({"name": "score", "attributes": {"text": "x".repeat(1000)}});
    for _ in 0..15 {
        join_all((0..10).map(|_| tell(&hans, &body))).await.into_iter().for_each(|told| drop(told.ok()));
    }
    say(&ann, "after").await;
    let mut socket = ann.connect().await;
    let (mut after, mut events, mut messages, mut parts) = (0, 0, Vec::new(), 0);
    loop {
        let resumed = socket.ask(&json!({"type": "resume", "after": after})).await;
        let reached = resumed["up_to"].as_u64().expect("a number");
        events += resumed["events"].as_array().map_or(0, Vec::len);
        messages.extend(resumed["messages"].as_array().expect("a list").iter().map(|message| message["seq"].clone()));
        assert!(resumed.to_string().len() < 110_000, "an answer has at most 96 KB and a frame");
        parts += 1;
        if resumed["complete"] == true {
            break;
        }
        assert!(reached > after, "{reached} after {after}");
        after = reached;
    }
    assert_eq!((events, messages), (150, vec![json!(1), json!(152)]));
    assert!(parts > 1);
    let page = ann.get("messages?after=100000001&limit=1").await.ok();
    assert_eq!(page["events"].as_array().map(Vec::len), Some(150), "a page goes on until it has a message");
    assert_eq!((&page["messages"][0]["seq"], &page["has_more"]), (&json!(152), &json!(false)));
}
