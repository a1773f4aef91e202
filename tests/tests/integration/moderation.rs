//! Moderation: acts on users and messages, their entries in the log, and what they forbid from the acknowledgement on.

mod log;
mod modes;
mod purge;
mod standing;
mod terms;

use gateway::token::Claims;
use reqwest::Method;
use serde_json::Value;
use tests::answer::Answer;
use tests::proxy::Proxy;
use tests::rest::User;
use tests::world::World;

/// A user with a role.
fn staff(world: &World, id: &str, role: &str) -> User {
    world.user_with(Claims {
        sub: id.to_owned(),
        name: Some(format!("Name of {id}")),
        roles: vec![role.to_owned()],
        ..Claims::default()
    })
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
    let proxy = Proxy::start().await;
    let url = proxy.url();
    let world = World::with(&[("AWS_ENDPOINT_URL_DYNAMODB", url.as_str())]).await;
    proxy.set_target(world.gateway.database_url());
    (world, proxy)
}
