//! Messages that are held until staff decide on them (docs/contract.md, Held messages).

mod ends;
mod list;
mod model;
mod races;

use serde_json::{Value, json};
use shared::domain::caller::Caller;
use shared::domain::error::ChatError;
use shared::domain::message::{ClientMessageId, Draft};
use shared::domain::moderation::held::HoldReason;
use shared::domain::moderation::held_id::HeldId;
use shared::domain::receipt::{SendOutcome, SendReceipt};
use shared::domain::text::message_text::MessageText;
use shared::features::chat::Chat;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

use super::{act, moderator};

/// Holds a message of a user in session 1, as a send does whose text is to be reviewed.
async fn try_to_hold(chat: &Chat, user_id: &str, text: &str, key: Option<&str>) -> Result<SendReceipt, ChatError> {
    let claims = json!({"sub": user_id, "name": format!("Name of {user_id}"), "exp": 4_102_444_800_u64,
        "badge": "gold", "attributes": {"team": "red"}});
    let author = Caller::from_claims(&claims).expect("a caller");
    let client_message_id = key.map(|key| ClientMessageId::parse(key).expect("a key"));
    let draft = Draft::new(MessageText::parse(text, 1000).expect("a text"), client_message_id);
    let session = chat.session_with_id(1).await?;
    chat.hold(&session, &author, &draft, HoldReason::ReviewAll).await
}

/// Holds a message; returns its id.
async fn hold_by(chat: &Chat, user_id: &str, text: &str, key: Option<&str>) -> HeldId {
    let receipt = try_to_hold(chat, user_id, text, key).await.expect("it is held");
    match receipt.outcome {
        SendOutcome::Held(id) if !receipt.duplicate => id,
        other => panic!("it is held, and not: {other:?}"),
    }
}

/// The chat of a world whose session is open.
async fn chat(world: &World) -> Chat {
    world.user("opener").get("status").await.ok();
    world.chat(world.gateway.database_url())
}

/// What waits, by the texts.
async fn waiting(staff: &User) -> Vec<String> {
    let list = staff.get("moderation/held").await.ok();
    let texts = list["held"].as_array().expect("a list").iter().map(|held| held["message"].as_str().expect("a text"));
    texts.map(str::to_owned).collect()
}

/// The texts that everybody reads.
async fn texts(world: &World) -> Vec<String> {
    let page = world.user("reader").get("messages").await.ok();
    let messages = page["messages"].as_array().expect("messages").iter();
    messages.map(|message| message["message"].as_str().expect("a text").to_owned()).collect()
}

/// An event that the socket has heard already, or hears next. Notices of one act are in no order.
async fn heard(socket: &mut Socket, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    match socket.events.iter().find(|event| wanted(event)) {
        Some(event) => event.clone(),
        None => socket.wait_for(what, wanted).await,
    }
}

fn approve(id: &HeldId) -> Value {
    json!({"action": "approve", "held_id": id})
}

fn deny(id: &HeldId) -> Value {
    json!({"action": "deny", "held_id": id})
}

#[tokio::test]
async fn while_everything_is_reviewed_each_send_is_held_but_those_of_staff() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut socket = bob.connect().await;
    let review = async |on: bool| {
        act(&moderator(&world), &json!({"action": "set_modes", "modes": {"review_all": on}})).await.ok();
    };
    review(true).await;
    let sent = bob.send_as("by REST", "k1").await;
    assert_eq!((sent.status, &sent.json["message"]), (202, &json!("Message held for review")));
    let ack = socket.ask(&json!({"type": "message", "message": "by socket", "client_message_id": "k2"})).await;
    for held in [&sent.json, &ack] {
        let told = ["status", "message_id", "duplicate"].map(|field| held[field].clone());
        assert_eq!(told, [json!("held"), Value::Null, json!(false)], "{held}");
        assert!(held["held_id"].is_string() && held["created_at"].is_string(), "{held}");
    }
    mona.send("of staff").await.ok();
    assert_eq!(
        (waiting(&mona).await, texts(&world).await.len()),
        (vec!["by REST".to_owned(), "by socket".to_owned()], 1)
    );
    let reasons = mona.get("moderation/held").await.ok();
    assert_eq!(reasons["held"][0]["reason"], "review_all");
    review(false).await;
    // What is stored is answered as ever.
    let fields = |answer: &Value| answer.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&bob.send("plain").await.ok()), ["created_at", "duplicate", "message", "message_id"]);
    let ack = socket.say("plain").await;
    assert_eq!(fields(&ack), ["client_message_id", "created_at", "duplicate", "message_id", "type"]);
}

#[tokio::test]
async fn a_held_message_is_seen_by_staff_alone_and_approved_it_is_a_message_like_any_other() {
    let world = World::start().await;
    let (chat, mona, bob, ann) = (chat(&world).await, moderator(&world), world.user("bob"), world.user("ann"));
    let (mut of_mona, mut of_bob, mut of_ann) = (mona.connect().await, bob.connect().await, ann.connect().await);
    ann.send("first").await.ok();
    let id = hold_by(&chat, "bob", "look at this", Some("key")).await;

    let held = of_mona.next("message_held").await["held"].clone();
    let list = mona.get("moderation/held").await.ok();
    assert_eq!((&list["held"], &list["has_more"], &list["next_after"]), (&json!([held]), &json!(false), &Value::Null));
    assert_eq!(
        ["held_id", "message", "user_id", "username", "reason"].map(|field| held[field].clone()),
        [json!(id), json!("look at this"), json!("bob"), json!("Name of bob"), json!("review_all")]
    );
    assert_eq!(texts(&world).await, ["first"]);

    let entry = act(&mona, &approve(&id)).await.ok();
    let message = of_ann.message(2).await;
    let expected = json!({"message": "look at this", "user_id": "bob", "username": "Name of bob", "badge": "gold",
        "is_winner": true, "client_message_id": "key", "attributes": {"team": "red"}});
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(message[field], *value, "{field}");
    }
    let target = json!({"user_id": "bob", "username": "Name of bob", "message_ids": [message["id"]], "held_id": id});
    assert_eq!(
        (&entry["action"], &entry["actor_type"], &entry["target"]),
        (&json!("approve"), &json!("user"), &target)
    );

    let told = of_bob.next("message_approved").await;
    assert_eq!(
        ["held_id", "client_message_id", "message_id"].map(|field| told[field].clone()),
        [json!(id), json!("key"), message["id"].clone()]
    );
    let resolved = of_mona.next("held_resolved").await;
    assert_eq!(
        ["held_id", "decision", "message_id"].map(|field| resolved[field].clone()),
        [json!(id), json!("approved"), message["id"].clone()]
    );
    heard(&mut of_mona, "the entry", |event| event["action"] == entry).await;
    assert_eq!(
        (waiting(&mona).await, texts(&world).await),
        (vec![], vec!["first".to_owned(), "look at this".to_owned()])
    );
    ann.send("last").await.ok();
    of_ann.message(3).await;
    let for_others = ["message_held", "held_resolved", "message_approved", "moderation_action"];
    assert!(of_ann.kinds().all(|kind| !for_others.contains(&kind)));
    assert!(of_bob.kinds().all(|kind| !["message_held", "held_resolved", "moderation_action"].contains(&kind)));
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 3);
}

#[tokio::test]
async fn a_denied_message_is_seen_by_nobody_and_the_second_decision_names_the_first() {
    let world = World::start().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let mut of_bob = world.user("bob").connect().await;
    let id = hold_by(&chat, "bob", "look at this", None).await;
    let entry =
        act(&mona, &json!({"action": "deny", "held_id": id, "reason": "spam", "client_action_id": "k"})).await.ok();
    assert_eq!((&entry["target"]["held_id"], &entry["reason"]), (&json!(id), &json!("spam")));
    let told = of_bob.next("message_denied").await;
    assert_eq!(
        (&told["held_id"], &told["client_message_id"], &told["reason"]),
        (&json!(id), &Value::Null, &json!("denied"))
    );
    for second in [approve(&id), deny(&id)] {
        let refused = act(&mona, &second).await;
        let detail = refused.json["detail"].as_str().expect("a sentence").to_owned();
        assert!(detail.contains("denied") && detail.contains(entry["id"].as_str().expect("an id")), "{detail}");
        assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    }
    let repeat = json!({"action": "deny", "held_id": id, "client_action_id": "k"});
    assert_eq!(act(&mona, &repeat).await.ok(), entry, "a repeat under the key is no second decision");
    assert_eq!((waiting(&mona).await.len(), texts(&world).await.len()), (0, 0));
    assert_eq!(mona.get("moderation/actions?user_id=bob").await.ok()["actions"], json!([entry]));
}

#[tokio::test]
async fn a_repeat_of_a_held_send_tells_what_became_of_it() {
    let world = World::start().await;
    let (chat, mona, bob) = (chat(&world).await, moderator(&world), world.user("bob"));
    let mut socket = bob.connect().await;
    let [waits, approved, denied, expired] = ["waits", "approved", "denied", "expired"].map(|key| (key, key));
    let mut ids = Vec::new();
    for (key, text) in [expired, approved, denied, waits] {
        if key == "waits" {
            world.pass(200);
        }
        ids.push(hold_by(&chat, "bob", text, Some(key)).await);
        world.pass(1);
    }
    let message_id = act(&mona, &approve(&ids[1])).await.ok()["target"]["message_ids"][0].clone();
    act(&mona, &deny(&ids[2])).await.ok();
    world.pass(100);
    world.housekeep().await;
    let expected = [("expired", 200), ("approved", 200), ("denied", 200), ("held", 202)];
    for ((key, _), (id, (status, code))) in [expired, approved, denied, waits].iter().zip(ids.iter().zip(expected)) {
        let message_id = if status == "approved" { message_id.clone() } else { Value::Null };
        let again = bob.send_as("another text", key).await;
        assert_eq!(again.status, code, "{status}");
        let told = ["status", "held_id", "message_id", "duplicate"].map(|field| again.json[field].clone());
        assert_eq!(told, [json!(status), json!(id), message_id.clone(), json!(true)], "{}", again.text);
        let frame = json!({"type": "message", "message": "another text", "client_message_id": key});
        let ack = socket.ask(&frame).await;
        let told = ["status", "held_id", "message_id", "created_at"].map(|field| ack[field].clone());
        assert_eq!(told, [json!(status), json!(id), message_id, again.json["created_at"].clone()], "{ack}");
        // The same key, while it would be held again.
        let receipt = try_to_hold(&chat, "bob", "another text", Some(key)).await.expect("a receipt");
        assert_eq!(
            (receipt.duplicate, serde_json::to_value(&receipt).expect("JSON")["status"].clone()),
            (true, json!(status))
        );
    }
    assert_eq!(texts(&world).await, ["approved"]);
    // A key of a stored message.
    let stored = bob.send_as("plain", "plain").await.ok();
    let receipt = try_to_hold(&chat, "bob", "plain", Some("plain")).await.expect("a receipt");
    assert_eq!((receipt.duplicate, json!(receipt.outcome.message_id())), (true, stored["message_id"].clone()));
}

#[tokio::test]
async fn many_are_decided_by_one_call_in_their_order_and_each_refusal_is_its_own() {
    let world = World::start().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let mut ids = Vec::new();
    for nth in 0..8 {
        world.pass(1);
        ids.push(hold_by(&chat, &format!("user-{nth}"), &format!("text {nth}"), None).await);
    }
    act(&mona, &deny(&ids[3])).await.ok();
    let unknown = HeldId::at(world.clock.now());
    let body = json!({"action": "approve", "held_ids": [ids[0], ids[1], ids[2], ids[3], ids[4], unknown], "client_action_id": "k"});
    let answer = act(&mona, &body).await.ok();
    assert_eq!(answer["actions"].as_array().map(Vec::len), Some(4));
    let refused = json!([{"id": ids[3], "code": "conflict"}, {"id": unknown, "code": "not_found"}]);
    assert_eq!(answer["refused"], refused);
    assert_eq!(texts(&world).await, ["text 0", "text 1", "text 2", "text 4"]);
    assert_eq!(act(&mona, &body).await.ok(), answer, "a repeat answers the first entries");
    let denied = act(&mona, &json!({"action": "deny", "held_ids": ids[5..]})).await.ok();
    assert_eq!((denied["actions"].as_array().map(Vec::len), waiting(&mona).await.len()), (Some(3), 0));
    assert_eq!(texts(&world).await.len(), 4);
}
