//! What is told: each kind of event, with and without texts, signed, and nothing unless a receiver is named.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::event_receiver::SECRET;
use tests::world::World;

use super::*;

/// Everything that a session is told of.
async fn an_evening(world: &World) -> (u64, Value) {
    let (hans, ann, bob) = (world.host(), world.user("ann"), world.user("bob"));
    let id = ann.send("first words").await.ok()["message_id"].as_u64().expect("an id");
    let report = json!({"reason": "spam", "comment": "look at this"}).to_string();
    bob.call(Method::POST, &format!("report-message/{id}"), Some(report)).await.ok();
    act(&hans, &json!({"action": "set_modes", "modes": {"review_all": true}})).await.ok();
    let held = ann.send("may I").await.json["held_id"].clone();
    act(&hans, &json!({"action": "approve", "held_id": held})).await.ok();
    let ban = json!({"action": "ban", "user_id": "bob", "reason": "for staff", "explanation": "for him"});
    act(&hans, &ban).await.ok();
    let change = json!({"name": "Last Night", "tags": ["secret tag"]}).to_string();
    hans.call(Method::PATCH, "sessions/1", Some(change)).await.ok();
    hans.call(Method::POST, "sessions/1/end", Some(json!({}).to_string())).await.ok();
    (id, held)
}

/// The events of an evening, once all have come.
async fn told(settings: &[(&str, &str)]) -> (Vec<Received>, u64, Value) {
    let (world, receiver) = telling(settings).await;
    let (id, held) = an_evening(&world).await;
    receiver.first("session.ended").await;
    // Those of the audit log come by a stream of their own.
    let is_end = |one: &Received| one.body["data"]["action"] == "end_session";
    let received = receiver.until("the end's entry", |received| received.iter().any(is_end)).await;
    (received, id, held)
}

fn of_kind<'a>(received: &'a [Received], kind: &str) -> &'a Value {
    let one = received.iter().find(|one| one.kind() == kind);
    &one.unwrap_or_else(|| panic!("{kind} was told")).body["data"]
}

fn of_action<'a>(received: &'a [Received], action: &str) -> &'a Value {
    let one = received.iter().find(|one| one.body["data"]["action"] == action);
    &one.unwrap_or_else(|| panic!("{action} was told")).body["data"]
}

#[tokio::test]
async fn each_kind_of_event_is_told_once_and_without_texts() {
    let (received, id, held) = told(&[]).await;
    let kinds: BTreeSet<&str> = received.iter().map(Received::kind).collect();
    let expected =
        ["held.resolved", "message.held", "message.reported", "moderation.action", "session.ended", "session.opened"];
    assert_eq!(kinds, BTreeSet::from(expected));
    assert!(counts(&received).values().all(|count| *count == 1), "{:?}", counts(&received));

    let ban = of_action(&received, "ban");
    assert_eq!((&ban["actor"]["user_id"], &ban["target"]["user_id"]), (&json!("hans"), &json!("bob")));
    assert_eq!(ban["changes"], json!({"session_only": false, "delete_messages": false}));
    assert_eq!(of_action(&received, "set_modes")["changes"]["modes"], json!({"review_all": true}));
    let waiting = of_kind(&received, "message.held");
    assert_eq!(
        (&waiting["held_id"], &waiting["user_id"], &waiting["reason"]),
        (&held, &json!("ann"), &json!("review_all"))
    );
    assert_eq!((&waiting["session_id"], &waiting["message"]), (&json!(1), &Value::Null));
    let resolved = of_kind(&received, "held.resolved");
    assert_eq!(
        (&resolved["held_id"], &resolved["decision"], &resolved["user_id"]),
        (&held, &json!("approved"), &json!("ann"))
    );
    assert_eq!(resolved["action_id"], of_action(&received, "approve")["id"]);
    let reported = of_kind(&received, "message.reported");
    assert_eq!((&reported["message_id"], &reported["reports"]), (&json!(id), &json!(1)));
    assert_eq!((&reported["reasons"], &reported["user_id"]), (&json!({"spam": 1}), &json!("ann")));
    assert_eq!(of_kind(&received, "session.opened")["id"], 1);
    let ended = of_kind(&received, "session.ended");
    assert_eq!((&ended["state"], &ended["name"], &ended["total_messages"]), (&json!("ended"), &Value::Null, &json!(2)));

    // Nobody's words, and nobody's name.
    let all: String = received.iter().map(|one| String::from_utf8_lossy(&one.bytes).into_owned()).collect();
    for text in ["first words", "may I", "look at this", "for staff", "for him", "Name of", "Last Night", "secret tag"]
    {
        assert!(!all.contains(text), "{text}");
    }
}

#[tokio::test]
async fn texts_and_names_are_told_to_those_who_ask_for_them() {
    let (received, _, _) = told(&[("LIVE_CHAT_EVENT_TEXTS", "true")]).await;
    let ban = of_action(&received, "ban");
    assert_eq!((&ban["reason"], &ban["explanation"]), (&json!("for staff"), &json!("for him")));
    assert_eq!(ban["actor"]["username"], "Name of hans");
    let waiting = of_kind(&received, "message.held");
    assert_eq!((&waiting["message"], &waiting["username"]), (&json!("may I"), &json!("Name of ann")));
    assert_eq!(of_kind(&received, "message.reported")["message"], "first words");
    let ended = of_kind(&received, "session.ended");
    assert_eq!((&ended["name"], &ended["tags"]), (&json!("Last Night"), &json!(["secret tag"])));
    // What a reporter wrote is for staff, whatever the settings.
    assert!(received.iter().all(|one| !String::from_utf8_lossy(&one.bytes).contains("look at this")));
}

#[tokio::test]
async fn an_event_is_signed_with_each_secret_at_the_time_of_its_sending() {
    let other = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
    let (world, receiver) = telling(&[("LIVE_CHAT_WEBHOOK_SECRET", &format!("{SECRET} {other}"))]).await;
    let id = note(&world.moderator(), 1).await;
    let told = receiver.first("moderation.action").await;
    assert_eq!((told.id(), told.header("content-type")), (id.as_str(), "application/json"));
    let seconds = world.clock.now().as_second();
    assert!((seconds - told.header("webhook-timestamp").parse::<i64>().expect("seconds")).abs() < 60);
    let signed = format!("{id}.{}.", told.header("webhook-timestamp"));
    let message = [signed.as_bytes(), &told.bytes].concat();
    // Not by the code under test.
    let expected = [SECRET, other].map(|secret| {
        use base64::Engine;
        let base64 = base64::engine::general_purpose::STANDARD;
        let key = base64.decode(secret.trim_start_matches("whsec_")).expect("base64");
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
        format!("v1,{}", base64.encode(aws_lc_rs::hmac::sign(&key, &message)))
    });
    assert_eq!(told.header("webhook-signature"), expected.join(" "));
    assert_eq!(told.body["timestamp"], told.body["data"]["at"]);
}

#[tokio::test]
async fn a_session_to_come_is_told_of_when_it_opens_and_not_at_all_if_it_is_cancelled() {
    let (world, receiver) = telling(&[]).await;
    let hans = world.host();
    let create = async |room: &str, minutes: i64| {
        let at = |minutes: i64| (world.clock.now() + jiff::SignedDuration::from_mins(minutes)).to_string();
        let body = json!({"name": "Later", "room": room, "start_time": at(minutes), "end_time": at(minutes + 60)});
        hans.call(Method::POST, "sessions", Some(body.to_string())).await.json["session"]["id"].as_u64().expect("an id")
    };
    let (later, never) = (create("stage", 30).await, create("attic", 20).await);
    until_waiting(&world, 2).await;
    hans.call(Method::POST, &format!("sessions/{never}/end"), Some("{}".to_owned())).await.ok();
    world.pass(10 * 60);
    world.housekeep().await;
    let opened = |received: &[Received]| {
        let opened = received.iter().filter(|one| one.kind() == "session.opened");
        opened.map(|one| one.body["data"]["id"].as_u64().expect("an id")).collect::<Vec<_>>()
    };
    assert_eq!(opened(&receiver.received()), Vec::<u64>::new());
    world.pass(21 * 60);
    world.housekeep().await;
    assert_eq!(opened(&receiver.received()), [later]);
    until_waiting(&world, 0).await;
}

#[tokio::test]
async fn nothing_is_told_and_no_stream_is_read_unless_a_receiver_is_named() {
    let world = World::start().await;
    note(&world.moderator(), 1).await;
    world.user("ann").send("hello").await.ok();
    world.housekeep().await;
    assert!(!world.gateway.invocations().contains_key("outward"), "{:?}", world.gateway.invocations());
    let audit = world.dynamodb().describe_table().table_name("live-chat-audit").send().await.expect("an answer");
    let stream = audit.table().and_then(|table| table.stream_specification());
    assert!(stream.is_none_or(|stream| !stream.stream_enabled()));
}
