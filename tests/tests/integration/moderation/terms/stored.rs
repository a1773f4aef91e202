//! Lists as they are stored: what a crash leaves, what is removed, and what cannot be read.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use shared::domain::config::Config;
use shared::lambda::app::App;
use shared::platform::aws::AwsEnvironment;
use tests::proxy::Fate;
use tests::world::World;

use super::super::{behind_a_proxy, host};
use super::{etag, put, terms, versions, word};

const REFUSAL: &str = r#"{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException"}"#;

#[tokio::test]
async fn a_list_whose_last_steps_were_lost_is_put_in_force_by_housekeep() {
    let (world, proxy) = behind_a_proxy().await;
    let (hans, bob) = (host(&world), world.user("bob"));
    bob.send("hello").await.ok();
    proxy.judge(|request| match request.body.contains("SET terms_version") {
        true => Fate::Answer(400, REFUSAL.to_owned()),
        false => Fate::Pass,
    });
    assert_eq!(put(&hans, &word("one")).await.problem(), (503, "unavailable".to_owned()));
    assert_eq!(versions(&world).await, [0, 0]);
    proxy.judge(|_| Fate::Pass);
    world.pass(31);
    world.housekeep().await;
    assert_eq!(versions(&world).await, [1, 1]);
    assert_eq!(terms(&hans).await, ["one"]);
}

#[tokio::test]
async fn a_list_that_was_written_by_half_counts_for_nothing() {
    let (world, proxy) = behind_a_proxy().await;
    let hans = host(&world);
    put(&hans, &word("one")).await.ok();
    proxy.judge(|request| match request.operation == "TransactWriteItems" && request.body.contains("put_terms") {
        true => Fate::Answer(400, REFUSAL.to_owned()),
        false => Fate::Pass,
    });
    assert_eq!(put(&hans, &word("two")).await.problem(), (503, "unavailable".to_owned()));
    proxy.judge(|_| Fate::Pass);
    assert_eq!(terms(&hans).await, ["one"], "its parts are there, and nothing points at them");
    assert_eq!(etag(&put(&hans, &word("three")).await), "\"2\"");
    assert_eq!(terms(&hans).await, ["three"], "though the parts of two lists have this version");
    let log = hans.get("moderation/actions?action=put_terms").await.ok();
    assert_eq!(log["actions"].as_array().map(Vec::len), Some(2), "and it has no entry");
}

#[tokio::test]
async fn replaced_lists_are_removed_an_hour_later_unless_a_session_names_them() {
    let world = World::start().await;
    let (hans, bob) = (host(&world), world.user("bob"));
    bob.send("hello").await.ok();
    for term in ["one", "two", "three"] {
        put(&hans, &word(term)).await.ok();
    }
    world.pass(3_590);
    world.housekeep().await;
    assert_eq!(stored(&world).await, [1, 2, 3], "a send may still be under way");
    world.pass(20);
    // The last steps of a list may be late.
    name_list(&world, 2).await;
    world.housekeep().await;
    assert_eq!(stored(&world).await, [1, 2, 3]);
    name_list(&world, 3).await;
    world.housekeep().await;
    assert_eq!(stored(&world).await, [3]);
    assert_eq!(terms(&hans).await, ["three"]);
    put(&hans, &word("four")).await.ok();
    world.pass(3_610);
    world.housekeep().await;
    assert_eq!(stored(&world).await, [4]);
}

#[tokio::test]
async fn a_list_is_compiled_once_and_what_cannot_be_read_is_no_pass() {
    let (world, proxy) = behind_a_proxy().await;
    let hans = host(&world);
    put(&hans, &word("one")).await.ok();
    put(&hans, &word("two")).await.ok();
    let app = warm_function(&world, &proxy.url());
    let list = |version| app.chat.term_list(version);
    let first = list(1).await.expect("it is stored");
    assert_eq!(first.judge("one two").matches.len(), 1);
    proxy.judge(|_| Fate::Answer(400, REFUSAL.to_owned()));
    assert!(Arc::ptr_eq(&first, &list(1).await.expect("it is known")));
    assert_eq!(list(2).await.map(drop).map_err(|error| error.code()), Err("unavailable"));
    proxy.judge(|_| Fate::Pass);
    let second = list(2).await.expect("it is stored");
    assert!(Arc::ptr_eq(&second, &list(2).await.expect("it is known")) && !Arc::ptr_eq(&first, &second));
    assert_eq!(list(0).await.expect("there is none").judge("one two").action, None);

    assert_eq!(list(9).await.map(drop).map_err(|error| error.code()), Err("unavailable"), "no list had this version");
    for (version, broken) in [(3, "{"), (4, r#"{"terms":[{"term":"(","match":"regex","action":"block"}]}"#)] {
        write_list(&world, version, broken, 0).await;
        assert_eq!(list(version).await.map(drop).map_err(|error| error.code()), Err("unavailable"), "{broken}");
    }
    write_list(&world, 5, &word("five").to_string(), 1).await;
    assert_eq!(list(5).await.map(drop).map_err(|error| error.code()), Err("unavailable"), "a part is missing");
    assert_eq!(hans.get("moderation/terms").await.problem(), (503, "unavailable".to_owned()));
    write_list(&world, 6, &word("six").to_string(), 0).await;
    let stand_in = list(5).await.expect("a list that is gone was replaced");
    assert_eq!(stand_in.judge("six").matches.len(), 1);
}

/// A warm function of its own.
fn warm_function(world: &World, tables: &str) -> Arc<App> {
    let lookup = |name: &str| {
        Some(match name {
            "AWS_ENDPOINT_URL_DYNAMODB" => tables.to_owned(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "JWT_SECRET" => "local".to_owned(),
            _ => return None,
        })
    };
    let (config, aws) = (Config::from_lookup(lookup), AwsEnvironment::from_lookup(lookup));
    App::new(config.expect("settings"), aws.expect("an environment"), world.clock.clone()).expect("an app")
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Writes the rows of a list in one part and makes it the newest, past all checks, with so many parts missing.
pub(super) async fn write_list(world: &World, version: u64, json: &str, missing: u64) {
    let client = world.dynamodb();
    let put = || client.put_item().table_name("live-chat-chat");
    let pk = text(format!("terms#{version}"));
    let part = put().item("pk", pk.clone()).item("sk", text("part#x#00")).item("text", text(json));
    part.send().await.expect("the table takes it");
    let row = put().item("pk", pk).item("sk", text("list")).item("id", text("x")).item("parts", number(1 + missing));
    row.send().await.expect("the table takes it");
    let pointer = put().item("pk", text("terms")).item("sk", text("newest")).item("version", number(version));
    pointer.item("oldest", number(1)).item("replaced_ms", number(0)).send().await.expect("the table takes it");
}

/// Lets the open session name a version.
async fn name_list(world: &World, version: u64) {
    let update = world.dynamodb().update_item().table_name("live-chat-chat").key("pk", text("session#1"));
    let update = update.key("sk", text("session")).update_expression("SET terms_version = :version");
    update.expression_attribute_values(":version", number(version)).send().await.expect("the table takes it");
}

/// The versions of which any row is left.
async fn stored(world: &World) -> Vec<u64> {
    let client = world.dynamodb();
    let mut versions = Vec::new();
    for version in 1..=5 {
        let query = client.query().table_name("live-chat-chat").key_condition_expression("pk = :pk");
        let rows = query.expression_attribute_values(":pk", text(format!("terms#{version}"))).send().await;
        versions.extend((rows.expect("an answer").count > 0).then_some(version));
    }
    versions
}
