//! The sample events in `events/`, passed to the functions as `cargo lambda invoke --data-file` would.

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tests::signed::access_key;
use tests::world::World;

/// The secret that signed the samples' token.
const SECRET: &str = "a secret for sample events only";

fn sample(name: &str) -> String {
    let path = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

async fn invoke(world: &World, name: &str) -> Value {
    invoke_with(world, name, name).await
}

/// Calls a function with the sample of another one of its routes.
async fn invoke_with(world: &World, name: &str, event: &str) -> Value {
    let url = format!("{}/2015-03-31/functions/{name}/invocations", world.gateway.internal_url());
    let (mut headers, body) = (HeaderMap::new(), sample(event));
    let key = access_key();
    tests::signed::add(&mut headers, ("POST", &url), body.as_bytes(), (key.id(), "us-east-1", "lambda"));
    let answer = tests::rest::answer(world.http().post(url).headers(headers).body(body)).await;
    assert_eq!((answer.status, answer.headers.get("x-amz-function-error")), (200, None), "{event}: {}", answer.text);
    answer.json
}

fn body(answer: &Value) -> Value {
    assert_eq!(answer["statusCode"], 200, "{answer}");
    serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON")
}

#[tokio::test]
async fn every_sample_event_is_answered_as_a_client_expects() {
    let world = World::at(Timestamp::now(), &[("JWT_SECRET", SECRET)]).await;
    assert_eq!(body(&invoke(&world, "status").await)["is_active"], true);
    assert_eq!(body(&invoke(&world, "send-message").await)["message_id"], 100_000_001);
    assert_eq!(body(&invoke(&world, "send-message").await)["duplicate"], true, "the same event is the same message");
    assert_eq!(body(&invoke(&world, "messages").await)["messages"][0]["message"], "Hello everyone!");
    assert_eq!(body(&invoke(&world, "like").await)["total_likes"], 1);
    assert_eq!(body(&invoke(&world, "likes").await)["user_liked"], true);
    assert_eq!(body(&invoke(&world, "like-message").await)["likes"], 1);
    assert_eq!(body(&invoke_with(&world, "like", "unlike").await)["was_liked"], true);
    assert_eq!(body(&invoke_with(&world, "like-message", "unlike-message").await)["was_liked"], true);
    assert_eq!(body(&invoke(&world, "viewers").await)["viewer_count"], 1);
    assert_eq!(body(&invoke(&world, "stats").await)["total_messages"], 1);
    assert_eq!(body(&invoke(&world, "ticket").await)["expires_in"], 30);
    assert_eq!(body(&invoke_with(&world, "moderate", "moderation-act").await)["target"]["user_id"], "bob");
    assert_eq!(body(&invoke_with(&world, "moderate", "moderation-log").await)["actions"][0]["action"], "timeout");
    assert_eq!(body(&invoke_with(&world, "moderate", "moderation-user").await)["sanctions"][0]["state"], "timed_out");
    assert_eq!(body(&invoke_with(&world, "moderate", "moderation-message").await)["state"], "standing");
    let of_another_time = invoke_with(&world, "moderate", "moderation-action").await;
    assert_eq!(of_another_time["statusCode"], 404, "{of_another_time}");

    let created = invoke_with(&world, "sessions", "create-session").await;
    assert_eq!(created["statusCode"], 201, "{created}");
    let updated = body(&invoke_with(&world, "sessions", "update-session").await);
    assert_eq!((&updated["session"]["name"], &updated["session"]["state"]), (&json!("Launch day"), &json!("open")));
    assert_eq!(body(&invoke_with(&world, "sessions", "end-session").await)["session"]["state"], "ended");
    assert_eq!(body(&invoke_with(&world, "sessions", "session").await)["session"]["room"], "main");
    assert_eq!(body(&invoke(&world, "sessions").await)["sessions"][0]["room"], "stage");

    assert_eq!(invoke(&world, "ws-connect").await["statusCode"], 200);
    let ack = body(&invoke(&world, "ws-message").await);
    assert_eq!((&ack["type"], &ack["message_id"]), (&json!("ack"), &json!(100_000_002)));
    assert_eq!(invoke(&world, "ws-disconnect").await["statusCode"], 200);

    assert_eq!(invoke(&world, "broadcast").await, Value::Null);
    assert_eq!(invoke(&world, "fan-out").await["posted"], 0, "nobody is in the room");
    assert_eq!(invoke(&world, "flush-later").await, Value::Null);
    assert_eq!(invoke(&world, "housekeep").await, Value::Null);
    assert_eq!(body(&invoke(&world, "delete-message").await)["message"], "Message deleted");
}
