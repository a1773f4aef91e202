//! The fault proxy itself, seen through the SDK: each fault looks like AWS's own, and calls that should take effect do.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use gateway::EngineMode;
use jiff::Timestamp;
use tests::faults::kind::Kind;
use tests::faults::ledger::Ledger;
use tests::faults::plan::{Plan, Step};
use tests::proxy::Proxy;
use tests::world::World;

const TABLE: &str = "live-chat-connections";

async fn client() -> (World, Proxy, Client) {
    let world = World::start_on(EngineMode::InProcess, Timestamp::now(), &[], |_| {}).await;
    let proxy = Proxy::start().await;
    proxy.lead_to_tables_of(&world.gateway);
    let client = tests::dynamodb::client(&proxy.url());
    // One attempt, so that the caller sees each of the proxy's faults.
    let retry = aws_sdk_dynamodb::config::retry::RetryConfig::disabled();
    let once = client.config().to_builder().retry_config(retry).build();
    (world, proxy, Client::from_conf(once))
}

fn row(name: &str) -> HashMap<String, AttributeValue> {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    HashMap::from([("pk".to_owned(), text(name)), ("sk".to_owned(), text("row"))])
}

async fn is_there(client: &Client, name: &str) -> bool {
    let found = client.get_item().table_name(TABLE).set_key(Some(row(name))).send().await;
    found.expect("nothing is injected into reads").item.is_some()
}

#[tokio::test]
async fn every_fault_of_a_write_is_seen_as_such_and_the_write_is_done_or_not() {
    let (_world, proxy, client) = client().await;
    let cases = [
        (Kind::Throttled, Some("ThrottlingException"), false),
        (Kind::Exceeded, Some("ProvisionedThroughputExceededException"), false),
        (Kind::Conflict, Some("TransactionConflictException"), false),
        (Kind::ServerError, Some("InternalServerError"), false),
        (Kind::ErrorAfterWrite, Some("InternalServerError"), true),
        (Kind::CutBefore, None, false),
        (Kind::CutAfter, None, true),
    ];
    for (kind, code, is_done) in cases {
        let ledger = Ledger::default();
        Plan::by_script([Step { about: "PutItem".to_owned(), after: 0, kind }], &ledger).rule(&proxy);
        let name = format!("row of {kind:?}");
        let refused = client.put_item().table_name(TABLE).set_item(Some(row(&name))).send().await;
        assert_eq!(refused.expect_err("it fails").code(), code, "{kind:?}");
        assert_eq!(is_there(&client, &name).await, is_done, "{kind:?}");
        assert_eq!(ledger.total(), 1);
    }
}

#[tokio::test]
async fn a_part_of_a_batch_comes_back_as_unprocessed() {
    let (_world, proxy, client) = client().await;
    let plan = Plan::by_script(
        [Step { about: "BatchWriteItem".to_owned(), after: 0, kind: Kind::Unprocessed }],
        &Ledger::default(),
    );
    let judge = plan.clone();
    // A script's dice is 0: no part of the batch would pass, so one part is let through here.
    proxy.judge(move |request| match judge.fate(request) {
        tests::proxy::Fate::Unprocessed(_) => tests::proxy::Fate::Unprocessed(1),
        other => other,
    });
    let put = |name: &str| {
        let put = PutRequest::builder().set_item(Some(row(name))).build().expect("complete");
        WriteRequest::builder().put_request(put).build()
    };
    let parts = vec![put("one"), put("two"), put("three")];
    let answer = client.batch_write_item().request_items(TABLE, parts).send().await.expect("a part is done");
    let left = answer.unprocessed_items.expect("the rest").remove(TABLE).expect("of this table");
    let left: Vec<_> =
        left.iter().map(|part| part.put_request.as_ref().unwrap().item["pk"].as_s().unwrap().as_str()).collect();
    assert_eq!(left, ["two", "three"]);
    assert!(is_there(&client, "one").await && !is_there(&client, "two").await);
}
