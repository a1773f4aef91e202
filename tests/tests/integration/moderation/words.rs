//! Messages are judged by the list of terms, and by their links, on both ways.

use reqwest::Method;
use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::rest::User;
use tests::world::World;

use super::{act, host, moderator};

async fn put(host: &User, list: Value) {
    host.call(Method::PUT, "moderation/terms", Some(list.to_string())).await.ok();
}

async fn set(actor: &User, modes: Value) {
    act(actor, &json!({"action": "set_modes", "modes": modes})).await.ok();
}

fn term(term: &str, action: &str) -> Value {
    json!({"term": term, "match": "word", "action": action})
}

async fn unlimited() -> World {
    World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")]).await
}

#[tokio::test]
async fn each_action_of_a_term_does_its_own_and_staff_are_exempt() {
    let world = unlimited().await;
    let (hans, mona, bob) = (host(&world), moderator(&world), world.user("bob"));
    let (mut of_ann, mut of_bob) = (world.user("ann").connect().await, bob.connect().await);
    let explained = json!({"term": "rascal", "match": "word", "action": "block", "explanation": "Be kind"});
    let terms = [explained, term("scoundrel", "block"), term("spoiler", "hold"), term("darn", "mask")];
    put(&hans, json!({"terms": terms, "allow": ["darn good"]})).await;
    let refused = bob.send("You R4SC\u{0430}L").await;
    assert_eq!(refused.json["detail"], "Be kind");
    assert_eq!(refused.problem(), (422, "term_blocked".to_owned()));
    assert_eq!(bob.send("s c o u n d r e l").await.problem(), (422, "term_blocked".to_owned()));
    assert_eq!(of_bob.say("you rascal").await["code"], "term_blocked");
    let held = bob.send("no spoiler here").await;
    assert_eq!((held.status, &held.json["status"]), (202, &json!("held")));
    assert_eq!(of_bob.say("another spoiler").await["status"], "held");
    bob.send("d a r n, that was a DARN long day").await.ok();
    bob.send("a scoundrelly innocent word").await.ok();
    for exempt in [&hans, &mona] {
        exempt.send("rascal, scoundrel, spoiler, darn").await.ok();
    }
    of_ann.until_messages(4).await;
    let texts: Vec<&str> = of_ann.messages().filter_map(|message| message["message"].as_str()).collect();
    assert_eq!(texts[0], "* * * *, that was a **** long day");
    assert_eq!(texts[2..], ["rascal, scoundrel, spoiler, darn"; 2]);
    let reasons: Vec<Value> = mona.get("moderation/held").await.ok()["held"].as_array().expect("a list").clone();
    assert!(reasons.iter().all(|held| held["reason"] == "term") && reasons.len() == 2, "{reasons:?}");
}

#[tokio::test]
async fn links_pass_wait_or_are_refused_as_the_mode_says_and_some_domains_are_free() {
    let world = unlimited().await;
    let (hans, bob) = (host(&world), world.user("bob"));
    let link = "see https://example.org/offer";
    bob.send(link).await.ok();
    put(&hans, json!({"link_domains": ["example.com"]})).await;
    set(&hans, json!({"links": "block"})).await;
    assert_eq!(bob.send(link).await.problem(), (422, "link_blocked".to_owned()));
    assert_eq!(bob.send("see example\u{ff0e}org").await.problem(), (422, "link_blocked".to_owned()));
    bob.send("see https://shop.example.com/offer, about main.rs, e.g. 1.2.3").await.ok();
    set(&hans, json!({"links": "hold"})).await;
    assert_eq!(bob.send(link).await.json["status"], "held");
    let held = hans.get("moderation/held").await.ok();
    assert_eq!((&held["held"][0]["reason"], &held["held"][0]["message"]), (&json!("link"), &json!(link)));
    set(&hans, json!({"links": "allow"})).await;
    bob.send(link).await.ok();
}

#[tokio::test]
async fn a_name_with_a_term_is_not_shown() {
    let world = unlimited().await;
    let hans = host(&world);
    let bob = world.user_with(gateway::token::Claims {
        sub: "bob".to_owned(),
        name: Some("R4scal Bob".to_owned()),
        ..Default::default()
    });
    bob.send("under my name").await.ok();
    put(&hans, json!({"terms": [term("rascal", "block")]})).await;
    bob.send("under another").await.ok();
    let page = hans.get("messages").await.ok();
    let names: Vec<&str> =
        page["messages"].as_array().expect("a page").iter().filter_map(|one| one["username"].as_str()).collect();
    assert_eq!(names[0], "R4scal Bob");
    assert!(names[1].starts_with("User-"), "{names:?}");
}

#[tokio::test]
async fn a_list_that_is_put_while_a_send_is_under_way_judges_it_and_one_that_cannot_be_read_is_no_pass() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, bob) = (host(&world), world.user("bob"));
    proxy.judge(|request| {
        let takes_number = request.operation == "UpdateItem" && request.body.contains("SET seq = seq");
        if takes_number { Fate::Hold } else { Fate::Pass }
    });
    let sender = bob.clone();
    let sending = tokio::spawn(async move { sender.send("you rascal").await });
    let held = proxy.next_held().await;
    proxy.judge(|_| Fate::Pass);
    put(&hans, json!({"terms": [term("rascal", "block")]})).await;
    held.release();
    assert_eq!(sending.await.expect("an answer").problem(), (422, "term_blocked".to_owned()));
    put(&hans, json!({"terms": [term("villain", "block")]})).await;
    proxy.judge(|request| match request.body.contains("terms#2") {
        true => Fate::denied(),
        false => Fate::Pass,
    });
    assert_eq!(bob.send("you villain").await.status, 503);
    assert_eq!(bob.send("hello").await.status, 503);
    proxy.judge(|_| Fate::Pass);
    assert_eq!(bob.send("you villain").await.problem(), (422, "term_blocked".to_owned()));
    bob.send("you rascal").await.ok();
}

#[tokio::test]
async fn the_rules_judge_alike_whatever_the_way_and_a_repeat_of_a_stored_send_is_no_refusal() {
    let world = unlimited().await;
    let (hans, bob) = (host(&world), world.user("bob"));
    let first = bob.send_as("you rascal", "k").await.ok();
    put(&hans, json!({"terms": [term("rascal", "block")]})).await;
    let again = bob.send_as("you rascal", "k").await.ok();
    assert_eq!((&again["duplicate"], &again["message_id"]), (&json!(true), &first["message_id"]));
    put(&hans, json!({})).await;
    bob.send("you rascal").await.ok();
}
