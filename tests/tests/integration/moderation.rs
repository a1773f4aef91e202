//! Moderation: acts on users and messages, their entries in the log, and what they forbid from the acknowledgement on.

mod acts;
mod clickable;
mod held;
mod kept;
mod log;
mod modes;
mod own_standing;
mod purge;
mod resembling;
mod review;
mod sanctions;
mod shadow;
mod standing;
mod terms;
mod undo;
mod users;
mod words;

use reqwest::Method;
use serde_json::Value;
use tests::answer::Answer;
use tests::proxy::{Fate, ProxiedRequest, Proxy};
use tests::rest::User;
use tests::world::World;

/// A user with a role.
fn staff(world: &World, id: &str, role: &str) -> User {
    world.user_as(id, role)
}

/// A moderator.
fn moderator(world: &World) -> User {
    staff(world, "mona", "moderator")
}

/// A host.
fn host(world: &World) -> User {
    staff(world, "hans", "host")
}

/// Acts.
async fn act(actor: &User, body: &Value) -> Answer {
    actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await
}

/// A world whose functions reach DynamoDB through a proxy.
async fn behind_a_proxy() -> (World, Proxy) {
    World::behind_a_proxy_of_tables(&[]).await
}

/// The fate of a request, when what follows the transaction of an act fails.
fn fails_after_the_transaction(request: &ProxiedRequest) -> Fate {
    if request.body.contains("SET rules_version") { Fate::denied() } else { Fate::Pass }
}
