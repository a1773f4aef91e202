//! The host's voice: announcements, events, and pins.

mod announcements;
mod events;
mod gone;
mod pins;
mod repaired;

use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::world::World;

/// A host.
fn host(world: &World) -> User {
    world.user_as("hans", "host")
}

/// Announces.
async fn announce(user: &User, body: &Value) -> Answer {
    user.call(Method::POST, "announcements", Some(body.to_string())).await
}

/// Acts.
async fn act(actor: &User, body: &Value) -> Answer {
    actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await
}

async fn pin(actor: &User, id: u64) -> Answer {
    act(actor, &json!({"action": "pin", "message_id": id})).await
}

async fn unpin(actor: &User, id: u64) -> Answer {
    act(actor, &json!({"action": "unpin", "message_id": id})).await
}

/// Sends a message that must be stored; returns its id.
async fn say(user: &User, text: &str) -> u64 {
    user.send(text).await.ok()["message_id"].as_u64().expect("an id")
}

/// The ids of pinned messages.
fn ids(pins: &Value) -> Vec<u64> {
    pins.as_array().expect("a list").iter().map(|pin| pin["id"].as_u64().expect("an id")).collect()
}

/// The ids of the messages that are pinned in `status`.
async fn pinned(user: &User) -> Vec<u64> {
    ids(&user.get("status").await.ok()["session"]["pins"])
}
