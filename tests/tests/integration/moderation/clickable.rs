//! Clickable links: what clients are told of the list's domains and of the operator's setting.

use reqwest::Method;
use serde_json::{Value, json};
use tests::proxy::{Fate, ProxiedRequest};
use tests::rest::User;
use tests::world::World;

use super::host;

async fn put(actor: &User, list: &Value) {
    actor.call(Method::PUT, "moderation/terms", Some(list.to_string())).await.ok();
}

async fn told(user: &User) -> Value {
    user.get("status").await.ok()["session"]["clickable_links"].clone()
}

#[tokio::test]
async fn domains_are_in_the_status_and_everybody_hears_of_each_change() {
    let world = World::start().await;
    let (hans, bob) = (host(&world), world.user("bob"));
    assert_eq!(told(&bob).await, json!({"from": "staff", "domains": []}));
    let mut listener = bob.connect().await;

    put(&hans, &json!({"link_domains": ["Example.com", "bücher.de", "example.com"]})).await;
    let links = json!({"from": "staff", "domains": ["example.com", "xn--bcher-kva.de"]});
    assert_eq!(told(&bob).await, links, "the function that has answered before learns of the list");
    let frame = listener.next("clickable_links_update").await;
    assert_eq!(frame["clickable_links"], links);
    assert!(frame["notice_id"].is_string());

    let word = json!({"term": "idiot", "match": "word", "action": "block"});
    put(&hans, &json!({"terms": [word], "link_domains": ["example.com", "bücher.de"]})).await;
    assert_eq!(told(&bob).await, links);
    put(&hans, &json!({})).await;
    let nothing = json!({"from": "staff", "domains": []});
    assert_eq!(listener.next("clickable_links_update").await["clickable_links"], nothing);
    assert_eq!(told(&bob).await, nothing);
    let updates = listener.kinds().filter(|kind| *kind == "clickable_links_update").count();
    assert_eq!(updates, 2, "other words are nothing to the room");
}

#[tokio::test]
async fn the_operator_decides_whose_links_become_clickable() {
    for from in ["staff", "all", "none"] {
        let world = World::with(&[("LIVE_CHAT_LINKS", from)]).await;
        let (hans, bob) = (host(&world), world.user("bob"));
        put(&hans, &json!({"link_domains": ["example.com"]})).await;
        assert_eq!(told(&bob).await, json!({"from": from, "domains": ["example.com"]}));
    }
}

#[tokio::test]
async fn only_the_first_status_after_a_new_list_reads_it() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, bob) = (host(&world), world.user("bob"));
    let reads = || proxy.read_meter().iter().filter(|(request, _)| request.body.contains("terms#")).count();
    told(&bob).await;
    assert_eq!(reads(), 0, "there is no list");
    put(&hans, &json!({"link_domains": ["example.com"]})).await;
    reads();
    for expected in [1, 0, 0] {
        told(&bob).await;
        assert_eq!(reads(), expected);
    }
}

#[tokio::test]
async fn a_session_that_has_ended_costs_one_read_of_the_list_too() {
    let evening = "2026-01-05T19:30:00-05:00".parse().expect("a time");
    let (world, proxy) = World::watched(evening, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let (hans, bob) = (host(&world), world.user("bob"));
    let reads = || proxy.read_meter().iter().filter(|(request, _)| request.body.contains("terms#")).count();
    told(&bob).await;
    put(&hans, &json!({"link_domains": ["first.example"]})).await;
    world.pass(24 * 3_600);
    let (hans, bob) = (host(&world), world.user("bob"));
    put(&hans, &json!({"link_domains": ["second.example"]})).await;
    assert_eq!(told(&bob).await["domains"], json!(["second.example"]));
    reads();
    for _ in 0..2 {
        let ended = bob.get("status?session_id=1").await.ok();
        assert_eq!((&ended["session"]["id"], reads()), (&json!(1), 0), "a newer list is known");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_leaves_the_status_and_can_be_replaced() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, bob) = (host(&world), world.user("bob"));
    put(&hans, &json!({"link_domains": ["example.com"]})).await;
    let is_of_the_list = |call: &ProxiedRequest| call.operation == "GetItem" && call.body.contains("terms#");
    proxy.judge(move |call| if is_of_the_list(call) { Fate::denied() } else { Fate::Pass });
    assert_eq!(told(&bob).await, json!({"from": "staff", "domains": []}));
    proxy.judge(|_| Fate::Pass);
    assert_eq!(told(&bob).await["domains"], json!(["example.com"]), "it was not kept");
}
