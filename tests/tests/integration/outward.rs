//! Events for the operator's own systems (docs/webhooks.md).

mod bus;
mod down;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::event_receiver::{EventReceiver, Received, SECRET};
use tests::rest::User;
use tests::world::World;

/// A world that tells a receiver, with these settings besides.
async fn telling(settings: &[(&str, &str)]) -> (World, Arc<EventReceiver>) {
    let receiver = EventReceiver::start().await;
    let webhook = [("LIVE_CHAT_WEBHOOK_URL", receiver.url.as_str()), ("LIVE_CHAT_WEBHOOK_SECRET", SECRET)];
    let world = World::with(&[&webhook, settings].concat()).await;
    (world, receiver)
}

/// The same, once its session is open and told of.
async fn open(settings: &[(&str, &str)]) -> (World, Arc<EventReceiver>) {
    let (world, receiver) = telling(settings).await;
    opened(&world, &receiver).await;
    (world, receiver)
}

/// Opens the session. What the receiver was sent of that is forgotten.
async fn opened(world: &World, receiver: &EventReceiver) {
    world.user("opener").get("status").await.ok();
    receiver.until("the opening", |received| !received.is_empty()).await;
    receiver.forget();
}

/// Acts.
async fn act(actor: &User, body: &Value) -> Answer {
    actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await
}

/// Leaves a note, which is one event.
async fn note(mona: &User, nth: usize) -> String {
    let body = json!({"action": "note", "user_id": "ann", "text": format!("note {nth}")});
    let id = act(mona, &body).await.ok()["id"].clone();
    format!("action-{}", id.as_str().expect("an id"))
}

/// How often each event was sent, by its id.
fn counts(received: &[Received]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in received {
        *counts.entry(one.id().to_owned()).or_default() += 1;
    }
    counts
}

/// The rows of the connections table in a partition.
async fn rows(world: &World, pk: &str) -> Vec<BTreeMap<String, Value>> {
    let query = world.dynamodb().query().table_name("live-chat-connections").key_condition_expression("pk = :pk");
    let pk = aws_sdk_dynamodb::types::AttributeValue::S(pk.to_owned());
    let page =
        query.expression_attribute_values(":pk", pk).consistent_read(true).send().await.expect("the table answers");
    page.items().iter().map(|item| serde_dynamo::from_item(item.clone()).expect("JSON")).collect()
}

/// Waits until so many events wait for the webhook.
async fn until_waiting(world: &World, count: usize) -> Vec<BTreeMap<String, Value>> {
    tests::within("events that wait", async {
        loop {
            let waiting = rows(world, "events#webhook").await;
            if waiting.len() == count {
                return waiting;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}
