//! The cost of each request in DynamoDB's units, compared with the budget and with docs/cost.md.

mod command;

use reqwest::Method;
use serde_json::{Value, json};
use shared::domain::budget::STRIDE;
use shared::domain::caller::Caller;
use shared::domain::message::{ClientMessageId, Draft};
use shared::domain::moderation::held::HoldReason;
use shared::domain::text::message_text::MessageText;
use tests::filled::fill;
use tests::printed;
use tests::proxy::Units;
use tests::proxy::{Fate, Proxy};
use tests::socket::Socket;
use tests::world::World;

/// The units that handlers consumed since the last reading.
fn consumed(proxy: &Proxy) -> Units {
    let mut total = Units::default();
    for (_, units) in proxy.read_meter() {
        total += units;
    }
    total
}

#[tokio::test]
async fn every_request_stays_within_its_budget_and_costs_what_the_document_says() {
    let settings = [
        ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "10"),
        ("LIVE_CHAT_HANDSHAKES_PER_MINUTE", "120"),
        ("LIVE_CHAT_TICKETS_PER_MINUTE", "120"),
        ("LIVE_CHAT_PAGES_PER_MINUTE", "300"),
        ("LIVE_CHAT_HIDE_AT_REPORTS", "5"),
    ];
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&settings).await;
    // The broadcast is held at its lease, so that only the handlers' calls are counted.
    proxy.judge(|request| {
        let is_lease = request.operation == "UpdateItem" && request.body.contains("cursor#1");
        if is_lease { Fate::Hold } else { Fate::Pass }
    });
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut socket = ann.connect().await;
    let _broadcast = proxy.next_held().await;
    for i in 0..20 {
        world.user(&format!("user{i}")).send(&"x".repeat(100)).await.ok();
    }
    // A warm function has the session's window cached.
    for path in ["status", "viewers", "likes", "stats", "messages"] {
        bob.get(path).await.ok();
    }
    for path in ["like", "like-message/100000001"] {
        ann.post(path).await.ok();
    }
    bob.ticket().await;
    socket.say("warm").await;
    proxy.read_meter();

    let mut table = "| request | read units | write units |\n| --- | --- | --- |\n".to_owned();
    // Functions of one process share what they know of a session for five seconds. As processes, each may have to read it.
    let is_shared = matches!(tests::engines::chosen(), gateway::EngineMode::InProcess);
    let session = if is_shared { 0.0 } else { 1.0 };
    let mut costs = |request: &str, most: (f64, f64), units: Units| {
        let is_within = units.read <= most.0 + session && units.write <= most.1;
        assert!(is_within, "{request}: {units:?}, but at most {most:?}");
        table += &format!("| {request} | {} | {} |\n", units.read, units.write);
    };
    for path in ["status", "viewers", "likes", "stats"] {
        bob.get(path).await.ok();
        costs(&format!("`{path}`"), (3.0, 0.0), consumed(&proxy));
    }
    world.pass(61);
    bob.get("status").await.ok();
    costs("`status`, the first of a user in a minute", (4.0, 1.0), consumed(&proxy));
    let page = bob.get("messages?limit=20").await.ok();
    assert_eq!(page["messages"].as_array().unwrap().len(), 20);
    costs("`messages`, a page of 20 short messages", (5.0, 0.0), consumed(&proxy));
    bob.get("messages?limit=20&mine=true").await.ok();
    costs("`messages` with `mine=true`", (6.0, 0.0), consumed(&proxy));
    ann.send("hello").await.ok();
    costs("`send-message`, the first of a function in ten seconds", (3.0, 3.0), consumed(&proxy));
    let of_bob = bob.send("hello").await.ok()["message_id"].clone();
    costs("`send-message`", (2.5, 3.0), consumed(&proxy));
    bob.send_as("hello", "a key").await.ok();
    costs("`send-message` with `client_message_id`", (3.0, 6.0), consumed(&proxy));
    bob.send_as("hello", "a key").await.ok();
    costs("`send-message` repeated with its `client_message_id`", (3.0, 6.0), consumed(&proxy));
    bob.send_body(json!({"message": "hello", "reply_to": 100_000_001}).to_string()).await.ok();
    costs("`send-message`, a reply", (4.0, 3.0), consumed(&proxy));
    bob.get("messages?limit=1").await.ok();
    costs("`messages`, a page of one message that replies to one before it", (5.0, 0.0), consumed(&proxy));
    bob.post("like").await.ok();
    costs("`like`", (3.0, 5.0), consumed(&proxy));
    bob.post("like").await.ok();
    costs("`like` again", (3.0, 5.0), consumed(&proxy));
    bob.delete("like").await.ok();
    costs("`like` taken back", (3.0, 5.0), consumed(&proxy));
    bob.post("like-message/100000001").await.ok();
    costs("`like-message`", (4.0, 6.0), consumed(&proxy));
    bob.delete("like-message/100000001").await.ok();
    costs("`like-message` taken back", (4.0, 6.0), consumed(&proxy));
    let reactions = json!({"reactions": {"🎉": 3, "👏": 1}});
    bob.call(Method::POST, "react", Some(reactions.to_string())).await.ok();
    costs("`react`", (7.0, 6.0), consumed(&proxy));
    let question = json!({"message": "When?", "kind": "question"}).to_string();
    let question = bob.send_body(question).await.ok()["message_id"].clone();
    costs("`send-message`, a question", (3.0, 4.0), consumed(&proxy));
    bob.post(&format!("like-message/{question}")).await.ok();
    costs("`like-message` of a question: a vote", (4.0, 7.0), consumed(&proxy));
    bob.get("questions?mine=true").await.ok();
    costs("`questions` with `mine=true`, one question", (5.0, 0.0), consumed(&proxy));
    let url = bob.ticket_url("1", &bob.ticket().await);
    costs("`ticket`", (2.0, 1.0), consumed(&proxy));
    bob.post("ticket?session_id=1").await.ok();
    costs("`ticket` for one session", (3.5, 1.0), consumed(&proxy));
    let _of_bob = Socket::open(&url, &[]).await.map_err(|status| panic!("refused with {status}"));
    costs("socket: opened with a ticket", (2.0, 4.0), consumed(&proxy));
    let _second_of_bob = bob.connect().await;
    costs("socket: opened with a token", (2.0, 3.0), consumed(&proxy));
    let _first_of_carl = world.user("carl").connect().await;
    costs("socket: opened with a token by a new viewer", (2.0, 4.0), consumed(&proxy));
    socket.ask(&json!({"type": "ping"})).await;
    costs("socket: `ping`, the first of a user in a minute", (2.0, 1.0), consumed(&proxy));
    socket.ask(&json!({"type": "ping"})).await;
    costs("socket: `ping`", (2.0, 0.0), consumed(&proxy));
    socket.ask(&json!({"type": "react", "reactions": {"🎉": 1}})).await;
    costs("socket: `react`", (7.0, 6.0), consumed(&proxy));
    socket.say("hello").await;
    costs("socket: `message`", (3.0, 3.0), consumed(&proxy));
    socket.ask(&json!({"type": "message", "message": "hello", "client_message_id": "k"})).await;
    costs("socket: `message` with `client_message_id`", (4.0, 6.0), consumed(&proxy));
    // What a budget adds to every tenth, and a refusal without a write.
    let eve = world.user("eve");
    // Her minute begins now, so that it does not end in the middle.
    world.pass(60 - world.clock.now().as_second() % 60);
    for _ in 1..STRIDE {
        eve.get("messages?limit=1").await.ok();
        eve.ticket().await;
    }
    proxy.read_meter();
    eve.get("messages?limit=1").await.ok();
    costs("`messages`, every tenth page of a user in a minute", (5.0, 1.0), consumed(&proxy));
    eve.ticket().await;
    costs("`ticket`, every tenth of a user in a minute", (2.0, 2.0), consumed(&proxy));
    for _ in STRIDE..=120 {
        eve.post("ticket").await;
    }
    proxy.read_meter();
    assert_eq!(eve.post("ticket").await.status, 429);
    costs("`ticket`, refused by the user's budget", (0.0, 0.0), consumed(&proxy));
    let mona = world.user_as("mona", "moderator");
    let act = async |body: Value| {
        mona.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    };
    act(json!({"action": "note", "user_id": "dora", "text": "was here"})).await;
    proxy.read_meter();
    act(json!({"action": "timeout", "user_id": "dora", "seconds": 60, "reason": "spam"})).await;
    costs("`moderation/actions`: a timeout with a reason", (15.0, 18.0), consumed(&proxy));
    act(json!({"action": "ban", "user_id": "dora"})).await;
    costs("`moderation/actions`: a ban", (20.0, 18.0), consumed(&proxy));
    act(json!({"action": "lift", "user_id": "dora"})).await;
    costs("`moderation/actions`: a lift", (15.0, 18.0), consumed(&proxy));
    let gus = world.user("gus");
    gus.send("to warm up").await.ok();
    act(json!({"action": "note", "user_id": "gus", "text": "was here"})).await;
    proxy.read_meter();
    act(json!({"action": "shadow_ban", "user_id": "gus"})).await;
    costs("`moderation/actions`: a shadow ban", (15.0, 18.0), consumed(&proxy));
    gus.send("the rules have changed").await.ok();
    proxy.read_meter();
    gus.send("hello").await.ok();
    costs("`send-message`, shadowed", (3.0, 6.0), consumed(&proxy));
    act(json!({"action": "delete", "message_ids": [100_000_002]})).await;
    costs("`moderation/actions`: a message is deleted", (15.0, 18.0), consumed(&proxy));
    let deletion = mona.get("moderation/actions?action=delete").await.ok()["actions"][0]["id"].clone();
    // As a process of its own, this function does not know the session yet.
    assert_eq!(ann.delete("messages/100000999").await.problem().0, 404);
    proxy.read_meter();
    mona.get("moderation/messages/100000002").await.ok();
    costs("`moderation/messages/{message_id}` of a deleted message", (15.0, 0.0), consumed(&proxy));
    act(json!({"action": "restore", "action_id": deletion})).await;
    costs("`moderation/actions`: the deletion is taken back", (15.0, 18.0), consumed(&proxy));
    mona.delete("messages/100000002").await.ok();
    costs("`delete-message` of somebody else's", (15.0, 18.0), consumed(&proxy));
    bob.delete(&format!("messages/{of_bob}")).await.ok();
    costs("`delete-message` of one's own", (5.0, 2.0), consumed(&proxy));
    act(json!({"action": "set_modes", "modes": {"slow_seconds": 1, "unique_seconds": 600}})).await;
    costs("`moderation/actions`: modes are set", (15.0, 18.0), consumed(&proxy));
    let fay = world.user("fay");
    fay.send("to warm up").await.ok();
    proxy.read_meter();
    assert_eq!(fay.send("hello").await.problem().1, "slow_mode");
    costs("`send-message`, refused by slow mode", (3.0, 3.0), consumed(&proxy));
    world.pass(1);
    fay.send("hello").await.ok();
    costs("`send-message` in slow mode without repeats", (3.0, 3.0), consumed(&proxy));
    world.pass(1);
    assert_eq!(fay.send("HELLO").await.problem().1, "repeated_message");
    costs("`send-message`, refused as a repeat", (3.0, 3.0), consumed(&proxy));
    mona.get("moderation/users/dora").await.ok();
    costs("`moderation/users/{user_id}` after 28 messages", (20.0, 0.0), consumed(&proxy));
    let reports = [
        ("the first of a message: staff hear of it", (6.0, 12.0)),
        ("the second: staff hear of it", (6.0, 12.0)),
        ("the third: staff hear of it", (6.0, 12.0)),
        ("one that staff do not hear of", (6.0, 9.0)),
        ("the fifth, which hides the message", (25.0, 30.0)),
    ];
    // A warm function knows the session.
    let body = json!({"reason": "spam"}).to_string();
    world.user("fan").call(Method::POST, "report-message/100000999", Some(body)).await.problem();
    proxy.read_meter();
    for (nth, (name, most)) in reports.into_iter().enumerate() {
        let reporter = world.user(&format!("fan{nth}"));
        let body = json!({"reason": "spam"}).to_string();
        reporter.call(Method::POST, "report-message/100000003", Some(body.clone())).await.ok();
        let units = consumed(&proxy);
        if nth != 1 && nth != 2 {
            costs(&format!("`report-message`, {name}"), most, units);
        }
        reporter.call(Method::POST, "report-message/100000003", Some(body)).await.ok();
        if nth == 0 {
            costs("`report-message` again", (4.0, 9.0), consumed(&proxy));
        }
        proxy.read_meter();
    }
    act(json!({"action": "ban", "user_ids": ["raider1", "raider2", "raider3"]})).await;
    proxy.read_meter();
    for query in ["", "?active=false"] {
        mona.get(&format!("moderation/sanctions{query}")).await.ok();
        costs(&format!("`moderation/sanctions{query}`, of three users"), (20.0, 0.0), consumed(&proxy));
    }
    mona.get("moderation/users?name=user1").await.ok();
    costs("`moderation/users` after 30 messages", (20.0, 0.0), consumed(&proxy));
    mona.get("moderation/reports").await.ok();
    costs("`moderation/reports` of one message", (6.0, 0.0), consumed(&proxy));
    act(json!({"action": "dismiss_reports", "message_id": 100_000_003})).await;
    costs("`moderation/actions`: reports are dismissed, and the message is back", (15.0, 18.0), consumed(&proxy));

    let (chat, mut ids) = (world.chat(&proxy.url()), Vec::new());
    let session = chat.session_with_id(1).await.expect("a session");
    for nth in 0..3 {
        let author = Caller::from_claims(&json!({"sub": "finn", "exp": i32::MAX})).expect("a caller");
        let key = ClientMessageId::parse(&format!("key {nth}")).expect("a key");
        let draft = Draft::new(MessageText::parse("hold it", 10).expect("a text"), Some(key));
        proxy.read_meter();
        let held = chat.hold(&session, &author, &draft, HoldReason::ReviewAll).await.expect("it is held");
        ids.push(serde_json::to_value(held).expect("JSON")["held_id"].clone());
    }
    costs("a message with `client_message_id` is held, beside its send", (2.0, 12.0), consumed(&proxy));
    mona.get("moderation/held").await.ok();
    costs("`moderation/held`, three messages", (4.0, 0.0), consumed(&proxy));
    // A warm function knows the rules in force.
    act(json!({"action": "approve", "held_id": ids[2]})).await;
    proxy.read_meter();
    act(json!({"action": "approve", "held_id": ids[0]})).await;
    costs("`moderation/actions`: a held message is approved", (20.0, 30.0), consumed(&proxy));
    act(json!({"action": "deny", "held_id": ids[1]})).await;
    costs("`moderation/actions`: a held message is denied", (20.0, 26.0), consumed(&proxy));

    // A warm function knows the rules in force.
    mona.call(Method::POST, "announcements", Some(json!({"message": "to warm up"}).to_string())).await.ok();
    proxy.read_meter();
    let announcement = json!({"message": "hello", "color": "blue", "client_message_id": "news"}).to_string();
    mona.call(Method::POST, "announcements", Some(announcement)).await.ok();
    costs("`announcements` with `client_message_id`", (3.0, 6.0), consumed(&proxy));
    let event = json!({"name": "goal", "attributes": {"team": "red"}, "client_event_id": "goal"}).to_string();
    mona.call(Method::POST, "events", Some(event)).await.ok();
    costs("`events` with `client_event_id`", (4.0, 8.0), consumed(&proxy));
    for id in [100_000_004, 100_000_005] {
        act(json!({"action": "pin", "message_id": id})).await;
    }
    proxy.read_meter();
    act(json!({"action": "pin", "message_id": 100_000_006})).await;
    costs("`moderation/actions`: a third message is pinned", (20.0, 20.0), consumed(&proxy));
    // The first of a minute would renew the viewer's presence.
    bob.get("status").await.ok();
    proxy.read_meter();
    bob.get("status").await.ok();
    costs("`status` while three messages are pinned", (7.0, 0.0), consumed(&proxy));
    act(json!({"action": "unpin", "message_id": 100_000_004})).await;
    costs("`moderation/actions`: a message is unpinned", (14.0, 16.0), consumed(&proxy));

    let ask = async |user: &tests::rest::User, path: &str, body: Value| {
        user.call(Method::POST, path, Some(body.to_string())).await.json
    };
    let poll = json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 60});
    ask(&mona, "polls", poll.clone()).await;
    proxy.read_meter();
    let poll = ask(&mona, "polls", poll).await["poll"]["id"].clone();
    costs("`polls`: a second poll is started", (60.0, 60.0), consumed(&proxy));
    ask(&bob, &format!("polls/{poll}/vote"), json!({"option": 0})).await;
    costs("`vote`", (4.0, 4.0), consumed(&proxy));
    ask(&bob, &format!("polls/{poll}/vote"), json!({"option": 1})).await;
    costs("`vote`: it is changed", (6.0, 8.0), consumed(&proxy));
    bob.get("polls").await.ok();
    costs("`polls`: two open polls are read", (48.0, 0.0), consumed(&proxy));
    ask(&mona, &format!("polls/{poll}/close"), json!({})).await;
    costs("`polls`: a poll is closed", (60.0, 60.0), consumed(&proxy));
    let draw = json!({"prize": "A cup", "winners": 1, "among": "senders"});
    let draw = ask(&mona, "draws", draw).await["draw"]["id"].clone();
    costs("`draws`: a draw among some senders of 40 messages", (80.0, 40.0), consumed(&proxy));
    ask(&mona, &format!("draws/{draw}/reveal"), json!({})).await;
    costs("`draws`: it is revealed", (30.0, 20.0), consumed(&proxy));
    bob.get(&format!("draws/{draw}/entrants")).await.ok();
    costs("`entrants` of a draw, one part", (6.0, 0.0), consumed(&proxy));

    let last = world.store().cursor(1).await.expect("a cursor").seq;
    fill(&world, last + 1..=last + 1_000, "a message of usual length, as people write them").await;
    let (hans, path) = (world.user_as("hans", "host"), format!("sessions/1/export?format=vtt&after={last}"));
    proxy.read_meter();
    assert_eq!(hans.get(&path).await.status, 200);
    costs("`sessions/{session_id}/export` for 1,000 messages", (150.0, 0.0), consumed(&proxy));

    if is_shared {
        printed::check("docs/cost.md", "capacity", &table);
    }
}
