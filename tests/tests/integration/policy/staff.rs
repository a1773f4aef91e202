//! Everything that makes functions call AWS on account of staff.

use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::rest::User;

use super::watched::Watched;

pub(super) async fn what_staff_do(watched: &Watched, session: u64) {
    watched.tables(|_| Fate::Pass);
    watched.sockets(|_, _| Fate::Pass);
    let host = Claims { sub: "hans".to_owned(), roles: vec!["host".to_owned()], ..Claims::default() };
    let (hans, rob, id) = (watched.world.user_with(host), watched.world.user("rob"), session.to_string());
    let _socket = rob.connect_to(&id, "").await;
    let message = rob.send("rude").await.ok()["message_id"].clone();
    for reporter in ["rita", "ruth"] {
        let body = json!({"reason": "hate"}).to_string();
        watched.world.user(reporter).call(Method::POST, &format!("report-message/{message}"), Some(body)).await.ok();
    }
    hans.get("moderation/reports").await.ok();
    let dismissal = json!({"action": "dismiss_reports", "message_id": message});
    hans.call(Method::POST, "moderation/actions", Some(dismissal.to_string())).await.ok();
    for body in [
        json!({"action": "delete", "message_ids": [message]}),
        json!({"action": "timeout", "user_id": "rob", "seconds": 60, "reason": "rude", "client_action_id": "key"}),
        json!({"action": "timeout", "user_id": "rob", "seconds": 60, "reason": "rude", "client_action_id": "key"}),
        json!({"action": "note", "user_id": "rob", "text": "rude"}),
        json!({"action": "lift", "user_id": "rob"}),
        json!({"action": "purge", "user_id": "rob"}),
        json!({"action": "clear", "client_action_id": "clear"}),
        json!({"action": "ban", "user_ids": ["rob", "carl"], "delete_messages": true}),
        json!({"action": "revoke_tokens", "user_id": "rob"}),
    ] {
        hans.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    }
    hans.call(Method::POST, "moderation/actions", Some(json!({"action": "shadow_ban", "user_id": "sly"}).to_string()))
        .await
        .ok();
    let sly = watched.world.user("sly");
    let whisper = sly.send_as("psst", "key").await.ok()["message_id"].clone();
    sly.post(&format!("like-message/{whisper}")).await.ok();
    assert_eq!(sly.connect_to(&id, "").await.say("psst").await["type"], "ack");
    for path in [
        "moderation/users/rob",
        "moderation/users?name=ro",
        "moderation/sanctions",
        "moderation/sanctions?active=false",
        "moderation/actions?user_id=rob",
    ] {
        hans.get(path).await.ok();
    }
    let other = watched.world.user("otto").send("rude, too").await.ok()["message_id"].clone();
    hans.delete(&format!("messages/{other}")).await.ok();
    hans.get(&format!("moderation/messages/{other}")).await.ok();
    let deletion = hans.get("moderation/actions?action=delete").await.ok()["actions"][0]["id"].clone();
    let restore = json!({"action": "restore", "action_id": deletion});
    hans.call(Method::POST, "moderation/actions", Some(restore.to_string())).await.ok();
    let clear = hans.get("moderation/actions?action=clear").await.ok()["actions"][0]["id"].clone();
    let restore = json!({"action": "restore", "action_id": clear});
    hans.call(Method::POST, "moderation/actions", Some(restore.to_string())).await.ok();
    what_modes_do(watched, &hans, &id).await;
    what_is_said_and_pinned(watched, &hans).await;
    for term in ["one", "two"] {
        let list = json!({"terms": [{"term": term, "match": "word", "action": "block"}]});
        hans.call(Method::PUT, "moderation/terms", Some(list.to_string())).await.ok();
    }
    hans.call(Method::POST, "moderation/terms/test", Some(json!({"text": "one"}).to_string())).await.ok();
    hans.get("moderation/terms").await.ok();
    // What a crash leaves, `housekeep` finishes.
    let mut first = true;
    watched.tables(move |request| {
        let fails = first && request.body.contains("SET rules_version");
        first &= !fails;
        if fails { Fate::denied() } else { Fate::Pass }
    });
    let lift = json!({"action": "lift", "user_id": "carl"});
    assert_eq!(hans.call(Method::POST, "moderation/actions", Some(lift.to_string())).await.status, 503);
    watched.world.pass(31);
    watched.world.housekeep().await;
    what_is_held(watched, session, &hans).await;
    what_sessions_do(watched, &hans).await;
}

/// Sessions are created, changed and ended while messages are held in them; what a crash leaves of an end, `housekeep` finishes.
async fn what_sessions_do(watched: &Watched, hans: &User) {
    watched.tables(|_| Fate::Pass);
    let ask = async |method: Method, path: &str, body: Value| hans.call(method, path, Some(body.to_string())).await;
    for is_cut_short in [false, true] {
        let body = json!({"name": "Stage", "room": format!("room-{is_cut_short}"), "modes": {"review_all": true}, "reason": "a reason",
            "client_action_id": format!("create {is_cut_short}")});
        let id = ask(Method::POST, "sessions", body.clone()).await.json["session"]["id"].clone();
        let again = ask(Method::POST, "sessions", body).await.json["session"]["id"].clone();
        assert_eq!(again, id, "the same call");
        let held = json!({"message": "hold it", "client_message_id": "key"}).to_string();
        let (ida, path) = (watched.world.user("ida"), format!("send-message?session_id={id}"));
        assert_eq!(ida.call(Method::POST, &path, Some(held)).await.status, 202);
        let change = json!({"name": "Renamed", "modes": {"slow_seconds": 1}, "client_action_id": format!("change {is_cut_short}")});
        ask(Method::PATCH, &format!("sessions/{id}"), change).await.ok();
        watched.tables(move |request| {
            let fails = is_cut_short && request.operation == "UpdateItem" && request.body.contains("settings_version");
            if fails { Fate::denied() } else { Fate::Pass }
        });
        let ended = ask(
            Method::POST,
            &format!("sessions/{id}/end"),
            json!({"client_action_id": format!("end {is_cut_short}")}),
        )
        .await;
        assert_eq!(ended.status, if is_cut_short { 503 } else { 200 }, "{}", ended.text);
        watched.tables(|_| Fate::Pass);
        watched.world.pass(61);
        watched.world.housekeep().await;
    }
    hans.get("sessions?state=ended").await.ok();
    for query in ["", "after=1&user_id=ann", "format=vtt"] {
        assert_eq!(hans.get(&format!("sessions/1/export?{query}")).await.status, 200);
    }
}

/// Announcements, events, and pins whose message goes.
async fn what_is_said_and_pinned(watched: &Watched, hans: &User) {
    let announcement = json!({"message": "over REST", "client_message_id": "news"}).to_string();
    let said = hans.call(Method::POST, "announcements", Some(announcement)).await.ok()["message_id"].clone();
    let event = json!({"name": "goal", "client_event_id": "goal"}).to_string();
    hans.call(Method::POST, "events", Some(event)).await.ok();
    let reply = json!({"message": "a reply", "reply_to": said}).to_string();
    let reply = watched.world.user("otto").send_body(reply).await.ok()["message_id"].clone();
    for action in ["pin", "unpin", "pin"] {
        let act = json!({"action": action, "message_id": reply});
        hans.call(Method::POST, "moderation/actions", Some(act.to_string())).await.ok();
    }
    watched.world.user("otto").get("status").await.ok();
    hans.delete(&format!("messages/{reply}")).await.ok();
    what_is_asked_and_drawn(watched, hans).await;
}

/// Polls that are voted in and closed, or end by time, and draws among all kinds of people.
async fn what_is_asked_and_drawn(watched: &Watched, hans: &User) {
    let ask = async |user: &User, path: &str, body: Value| user.call(Method::POST, path, Some(body.to_string())).await;
    let (otto, poll) =
        (watched.world.user("otto"), json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 15}));
    let mut socket = otto.connect_to(&hans.get("status").await.ok()["session"]["id"].to_string(), "").await;
    let mut ids = Vec::new();
    for key in ["closed", "ended"] {
        let mut body = poll.clone();
        body["client_action_id"] = json!(key);
        body["reason"] = json!("a reason");
        let started = ask(hans, "polls", body.clone()).await.json["poll"]["id"].clone();
        assert_eq!(ask(hans, "polls", body).await.json["poll"]["id"], started, "the same call");
        for option in [0, 1] {
            ask(&otto, &format!("polls/{started}/vote"), json!({"option": option})).await.ok();
        }
        ids.push(started);
    }
    otto.get("polls").await.ok();
    ask(hans, &format!("polls/{}/close", ids[0]), json!({"client_action_id": "close"})).await.ok();
    for among in ["viewers", "senders", "voters"] {
        let poll_id = if among == "voters" { ids[0].clone() } else { Value::Null };
        let body =
            json!({"prize": "A cup", "winners": 1, "among": among, "poll_id": poll_id, "client_action_id": among});
        let draw = ask(hans, "draws", body).await;
        assert_eq!(draw.status, 201, "{}", draw.text);
        let id = draw.json["draw"]["id"].clone();
        otto.get(&format!("draws/{id}/entrants")).await.ok();
        ask(hans, &format!("draws/{id}/reveal"), json!({"reason": "a reason"})).await.ok();
        ask(hans, &format!("draws/{id}/redraw"), json!({"reason": "a reason"})).await;
    }
    otto.get("draws").await.ok();
    // A turn ends the one poll by time, and housekeeping another one.
    watched.world.pass(16);
    otto.send("is it over?").await.ok();
    socket.wait_for("the end", |event| event["poll"]["id"] == ids[1] && event["poll"]["state"] == "ended").await;
    ask(hans, "polls", poll).await;
    watched.world.pass(61);
    watched.world.housekeep().await;
}

/// Held messages are approved, denied, and denied once their time is over.
async fn what_is_held(watched: &Watched, session: u64, hans: &User) {
    watched.tables(|_| Fate::Pass);
    let act = async |body: Value| {
        hans.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    };
    act(json!({"action": "set_modes", "modes": {"review_all": true}})).await;
    let mut socket = watched.world.user("ian").connect_to(&session.to_string(), "").await;
    let over_a_socket = json!({"type": "message", "message": "hold it", "client_message_id": "key"});
    let held = [
        watched.world.user("ida").send_as("hold it", "key").await.json,
        socket.ask(&over_a_socket).await,
        watched.world.user("ivy").send_as("hold it", "key").await.json,
    ];
    act(json!({"action": "set_modes", "modes": {"review_all": false}})).await;
    act(json!({"action": "approve", "held_id": held[0]["held_id"]})).await;
    act(json!({"action": "deny", "held_id": held[1]["held_id"]})).await;
    assert_eq!(held[2]["status"], "held");
    watched.world.pass(301);
    watched.world.housekeep().await;
}

/// Modes are set, refuse messages on both ways until their author is timed out, and a shield ends by itself.
async fn what_modes_do(watched: &Watched, hans: &User, session_id: &str) {
    let act = |body: Value| async move {
        hans.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    };
    act(json!({"action": "set_modes", "modes": {"unique_seconds": 600}})).await;
    let (dora, emil) = (watched.world.user("dora"), watched.world.user("emil"));
    let mut socket = emil.connect_to(session_id, "").await;
    for status in [200, 422, 422, 403] {
        assert_eq!(dora.send("again").await.status, status);
    }
    for code in [Value::Null, json!("repeated_message"), json!("repeated_message"), json!("timed_out")] {
        assert_eq!(socket.say("again").await["code"], code);
    }
    act(json!({"action": "set_modes", "modes": {"unique_seconds": 0}})).await;
    act(json!({"action": "shield", "on": true, "minutes": 1})).await;
    watched.world.pass(61);
    watched.world.housekeep().await;
}

/// Somebody who was of the staff once, acts under a key, likes a message, votes, and has a message that waits and one that was denied.
pub(super) async fn a_life_of_many_rows(watched: &Watched, user_id: &str) {
    watched.tables(|_| Fate::Pass);
    let hans = &watched.world.user_as("hans", "host");
    let (user, was_staff) = (watched.world.user(user_id), watched.world.user_as(user_id, "moderator"));
    let act = async |actor: &User, body: Value| {
        actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    };
    act(&was_staff, json!({"action": "note", "user_id": "rita", "text": "a note", "client_action_id": "once"})).await;
    let liked = user.send("I like it").await.ok()["message_id"].clone();
    user.post(&format!("like-message/{liked}")).await.ok();
    let poll = json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 600}).to_string();
    let poll = hans.call(Method::POST, "polls", Some(poll)).await.json["poll"]["id"].clone();
    user.call(Method::POST, &format!("polls/{poll}/vote"), Some(json!({"option": 0}).to_string())).await.ok();
    act(hans, json!({"action": "set_modes", "modes": {"review_all": true}})).await;
    let held = [user.send("denied").await.json, user.send("it waits").await.json];
    act(hans, json!({"action": "deny", "held_id": held[0]["held_id"]})).await;
    act(hans, json!({"action": "set_modes", "modes": {"review_all": false}})).await;
}

/// Users are erased: one who is banned, who has sent, reported and liked, and whose messages were deleted, reported and held, and one of whom
/// there are rows of all the other kinds.
pub(super) async fn what_an_erasure_does(watched: &Watched) {
    let hans = watched.world.user_as("hans", "host");
    for user_id in ["rob", "rita", "xena"] {
        let erase = json!({"action": "erase", "user_id": user_id}).to_string();
        hans.call(Method::POST, "moderation/actions", Some(erase)).await.ok();
    }
    for _ in 0..20 {
        watched.world.housekeep().await;
        if watched.world.store().erasures().await.expect("the table answers").is_empty() {
            return;
        }
        watched.world.pass(301);
    }
    panic!("the erasures do not end");
}
