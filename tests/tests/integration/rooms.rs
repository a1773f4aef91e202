//! Sessions by the API, and rooms (docs/contract.md, Sessions and rooms).

mod counters;
mod create;
mod end;
mod list;
mod side_by_side;
mod update;

use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::world::World;

const MANUAL: (&str, &str) = ("LIVE_CHAT_SCHEDULE", "manual");

async fn create(host: &User, body: &Value) -> Answer {
    host.call(Method::POST, "sessions", Some(body.to_string())).await
}

/// A session that was created.
async fn created(host: &User, body: &Value) -> Value {
    let answer = create(host, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json["session"].clone()
}

async fn update(host: &User, id: u64, body: &Value) -> Answer {
    host.call(Method::PATCH, &format!("sessions/{id}"), Some(body.to_string())).await
}

async fn end(host: &User, id: u64) -> Answer {
    host.call(Method::POST, &format!("sessions/{id}/end"), Some("{}".to_owned())).await
}

fn id_of(session: &Value) -> u64 {
    session["id"].as_u64().expect("an id")
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// An open session of a room, created by the world's host.
async fn open(world: &World, room: &str) -> u64 {
    id_of(&created(&world.host(), &json!({"name": "A session", "room": room})).await)
}
