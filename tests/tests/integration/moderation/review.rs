//! The operator's review handler: what it is asked, what its verdict does, and what its failures do not.

mod failures;

use std::sync::Arc;

use gateway::token::Claims;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::review_server::{ReviewServer, serve};
use tests::world::World;

const FUNCTION: &str = "LIVE_CHAT_REVIEW_FUNCTION";

/// A world whose messages this handler reviews, with a time limit that no answer here needs.
async fn reviewed(settings: &[(&str, &str)]) -> (World, Arc<ReviewServer>) {
    let (server, url) = ReviewServer::start().await;
    let given = [(FUNCTION, url.as_str()), ("LIVE_CHAT_REVIEW_TIMEOUT_MS", "5000")];
    let settings: Vec<_> = given.iter().chain(settings).copied().collect();
    (World::with(&settings).await, server)
}

/// Status, code and detail of a refusal.
fn refusal(answer: Answer) -> (u16, String, String) {
    let detail = answer.json["detail"].as_str().unwrap_or_default().to_owned();
    let (status, code) = answer.problem();
    (status, code, detail)
}

/// The texts of the room.
async fn texts(user: &User) -> Vec<String> {
    let page = user.get("messages").await.ok();
    let messages = page["messages"].as_array().expect("messages");
    messages.iter().map(|message| message["message"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn the_handler_is_asked_as_ivs_asks_it() {
    let (world, server) = reviewed(&[]).await;
    let attributes = [("team".to_owned(), "red".to_owned())].into();
    let bob = world.user_with(Claims { sub: "bob".to_owned(), attributes, ..Claims::default() });
    bob.send_as(" hello\r\n", "key").await.ok();
    let [asked] = server.asked().try_into().expect("one request");
    let id = asked.request["MessageId"].as_str().expect("an id").to_owned();
    assert_eq!(id.len(), 22);
    assert_eq!(
        asked.request,
        json!({"Content": "hello", "MessageId": id, "RoomArn": "arn:aws:ivschat:us-east-1:000000000000:room/1",
            "Attributes": {}, "Sender": {"Attributes": {"team": "red"}, "UserId": "bob", "Ip": ""}})
    );
    assert_eq!(asked.headers["content-type"], "application/json");
    assert!(!asked.headers.contains_key("authorization"), "a server gets no signature of AWS");
}

#[tokio::test]
async fn an_address_is_told_only_if_the_operator_asks_for_it() {
    let (world, server) = reviewed(&[("LIVE_CHAT_REVIEW_IP", "true")]).await;
    let bob = world.user("bob");
    bob.send("by REST").await.ok();
    let mut socket = bob.connect().await;
    assert_eq!(socket.say("by a socket").await["type"], "ack");
    let ips: Vec<Value> = server.asked().iter().map(|asked| asked.request["Sender"]["Ip"].clone()).collect();
    assert_eq!(ips, ["127.0.0.1", "127.0.0.1"]);
}

#[tokio::test]
async fn an_allowed_message_has_the_text_and_the_attributes_of_the_answer() {
    let (world, server) = reviewed(&[]).await;
    let attributes = [("team".to_owned(), "red".to_owned()), ("city".to_owned(), "Rome".to_owned())].into();
    let bob = world.user_with(Claims { sub: "bob".to_owned(), attributes, ..Claims::default() });
    let mut socket = world.user("ann").connect().await;
    // The handler that HashiCorp's provider of IVS shows as its example.
    server.verdict(json!({"ReviewResult": "ALLOW", "Content": "hi - edited by Lambda"}));
    bob.send("hi").await.ok();
    let first = socket.next("new_message").await["message"].clone();
    assert_eq!(first["message"], "hi - edited by Lambda");
    assert_eq!(first["attributes"], json!({"team": "red", "city": "Rome"}));
    server.verdict(json!({"ReviewResult": "ALLOW", "Attributes": {"team": "blue", "mood": "good"}}));
    let mut own = bob.connect().await;
    own.say("ho").await;
    let second = socket.next("new_message").await["message"].clone();
    assert_eq!(second["message"], "ho");
    assert_eq!(second["attributes"], json!({"team": "blue", "city": "Rome", "mood": "good"}));
    assert_eq!(texts(&bob).await, ["hi - edited by Lambda", "ho"]);
}

#[tokio::test]
async fn a_denied_message_is_seen_by_nobody_and_its_author_learns_why() {
    let (world, server) = reviewed(&[]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut listener = ann.connect().await;
    server.verdict(json!({"ReviewResult": "DENY", "Content": "x", "Attributes": {"Reason": "No advertising"}}));
    let denied = (422, "review_denied".to_owned(), "No advertising".to_owned());
    assert_eq!(refusal(bob.send("buy").await), denied);
    let mut socket = bob.connect().await;
    let frame = json!({"type": "message", "message": "buy", "client_message_id": "k"});
    let error = socket.ask(&frame).await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("review_denied")));
    assert_eq!((&error["message"], &error["client_message_id"]), (&json!("No advertising"), &json!("k")));
    server.verdict(json!({"ReviewResult": "DENY"}));
    let (_, code, detail) = refusal(bob.send("buy").await);
    assert_eq!((code.as_str(), detail.as_str()), ("review_denied", "This message is not allowed here"));
    server.verdict(json!({"ReviewResult": "ALLOW"}));
    ann.send("after").await.ok();
    assert_eq!(listener.next("new_message").await["message"]["message"], "after");
    assert_eq!(texts(&ann).await, ["after"]);
}

#[tokio::test]
async fn a_denied_message_counts_but_its_author_need_not_wait_in_slow_mode() {
    let (world, server) = reviewed(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "3")]).await;
    let bob = world.user("bob");
    let modes = json!({"action": "set_modes", "modes": {"slow_seconds": 30, "unique_seconds": 30}});
    super::act(&super::moderator(&world), &modes).await.ok();
    server.verdict(json!({"ReviewResult": "DENY"}));
    assert_eq!(bob.send("hi").await.status, 422);
    server.verdict(json!({"ReviewResult": "ALLOW"}));
    bob.send("hi").await.ok();
    assert_eq!(bob.send("ho").await.problem(), (429, "slow_mode".to_owned()));
    assert_eq!(bob.send("ho").await.problem(), (429, "rate_limited".to_owned()), "three have counted");
}

#[tokio::test]
async fn a_retry_is_not_judged_again() {
    let (world, server) = reviewed(&[]).await;
    let bob = world.user("bob");
    let mut socket = bob.connect().await;
    let stored = bob.send_as("hi", "stored").await.ok();
    server.verdict(json!({"ReviewResult": "DENY", "Attributes": {"Reason": "Spam"}}));
    let again = bob.send_as("hi", "stored").await.ok();
    assert_eq!((&again["message_id"], &again["duplicate"]), (&stored["message_id"], &json!(true)));
    let denied = (422, "review_denied".to_owned(), "Spam".to_owned());
    assert_eq!(refusal(bob.send_as("buy", "denied").await), denied);
    // Whatever the handler would say by now, and however the retry comes.
    server.verdict(json!({"ReviewResult": "ALLOW"}));
    assert_eq!(refusal(bob.send_as("something else", "denied").await), denied);
    let frame = json!({"type": "message", "message": "buy", "client_message_id": "denied"});
    let error = socket.ask(&frame).await;
    assert_eq!((&error["code"], &error["message"]), (&json!("review_denied"), &json!("Spam")));
    assert_eq!(server.count(), 2);
    // A key is each user's own, and so is a denial.
    world.user("ann").send_as("hi", "denied").await.ok();
    assert_eq!(texts(&bob).await, ["hi", "hi"]);
}

#[tokio::test]
async fn a_held_message_waits_for_staff_and_is_not_judged_again() {
    let (world, server) = reviewed(&[("LIVE_CHAT_REVIEW_IP", "true")]).await;
    let (bob, mona) = (world.user("bob"), super::moderator(&world));
    let mut staff = mona.connect().await;
    server.verdict(json!({"ReviewResult": "HOLD", "Content": "not looked at"}));
    let answer = bob.send_as("hi", "key").await;
    assert_eq!((answer.status, &answer.json["status"]), (202, &json!("held")));
    let held = staff.next("message_held").await["held"].clone();
    assert_eq!((&held["message"], &held["reason"]), (&json!("hi"), &json!("review")));
    let again = bob.send_as("hi", "key").await;
    assert_eq!((&again.json["held_id"], &again.json["duplicate"]), (&held["held_id"], &json!(true)));
    assert_eq!((server.count(), texts(&bob).await.len()), (1, 0));
    super::act(&mona, &json!({"action": "approve", "held_id": held["held_id"]})).await.ok();
    assert_eq!((server.count(), texts(&bob).await), (1, vec!["hi".to_owned()]));
}

#[tokio::test]
async fn a_shadowed_message_is_seen_by_nobody_else() {
    let (world, server) = reviewed(&[]).await;
    server.verdict(json!({"ReviewResult": "SHADOW"}));
    let bob = world.user("bob");
    bob.send_as("hi", "key").await.ok();
    assert!(texts(&world.user("ann")).await.is_empty());
    assert_eq!(texts(&bob).await, ["hi"]);
    // A verdict is not asked for twice.
    server.verdict(json!({"ReviewResult": "ALLOW"}));
    assert_eq!(bob.send_as("hi", "key").await.ok()["duplicate"], true);
    assert_eq!((server.count(), texts(&world.user("ann")).await.len()), (1, 0));
}

#[tokio::test]
async fn where_nothing_may_be_shadowed_such_a_verdict_denies() {
    let (world, server) = reviewed(&[("LIVE_CHAT_SHADOW", "false")]).await;
    server.verdict(json!({"ReviewResult": "SHADOW"}));
    let bob = world.user("bob");
    for _ in 0..2 {
        assert_eq!(bob.send_as("hi", "key").await.problem(), (422, "review_denied".to_owned()));
    }
    assert_eq!((server.count(), texts(&bob).await.len()), (1, 0));
}

#[tokio::test]
async fn a_function_is_invoked_in_its_own_region_with_a_signature() {
    let (server, url) = ReviewServer::start().await;
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:review:live";
    let world = World::with(&[(FUNCTION, arn), ("AWS_ENDPOINT_URL_LAMBDA", &url)]).await;
    server.verdict(json!({"ReviewResult": "ALLOW", "Content": "by Lambda"}));
    let bob = world.user("bob");
    bob.send("hi").await.ok();
    let [asked] = server.asked().try_into().expect("one request");
    let path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu%2Dwest%2D1%3A123456789012%3Afunction%3Areview%3Alive/invocations";
    assert_eq!(asked.uri.path(), path);
    assert_eq!(asked.request["RoomArn"], "arn:aws:ivschat:eu-west-1:123456789012:room/1");
    let signature = asked.headers["authorization"].to_str().expect("text");
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=") && signature.contains("/eu-west-1/lambda/aws4_request")
    );
    assert_eq!(texts(&bob).await, ["by Lambda"]);
}

#[tokio::test]
async fn the_example_reviews_the_messages_of_a_chat() {
    let url = serve(review_example::server()).await;
    let world = World::with(&[(FUNCTION, url.as_str()), ("LIVE_CHAT_REVIEW_TIMEOUT_MS", "5000")]).await;
    let bob = world.user("bob");
    for text in ["hello", "darn it"] {
        bob.send(text).await.ok();
    }
    let (status, code, detail) = refusal(bob.send("CASINO!").await);
    assert_eq!((status, code.as_str(), detail.as_str()), (422, "review_denied", "No advertising, please"));
    assert_eq!(bob.send("I want a refund").await.json["status"], "held");
    assert_eq!(texts(&bob).await, ["hello", "**** it"]);
}
