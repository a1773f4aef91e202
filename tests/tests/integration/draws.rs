//! Draws: who is entered, what is published when, and that anybody can check it.

mod checked;
mod entered;
mod large;
mod refused;

use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::world::World;

/// Starts a draw of one winner among those who sent something, and whatever else the body says.
async fn start(host: &User, more: &Value) -> Answer {
    let mut body = json!({"prize": "A signed cup", "winners": 1, "among": "senders"});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    host.call(Method::POST, "draws", Some(body.to_string())).await
}

/// Starts a draw whose list must be frozen then.
async fn started(host: &User, more: &Value) -> Value {
    let answer = start(host, more).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json["draw"].clone()
}

async fn on(host: &User, draw: &Value, verb: &str, body: &Value) -> Answer {
    host.call(Method::POST, &format!("draws/{}/{verb}", draw["id"]), Some(body.to_string())).await
}

async fn reveal(host: &User, draw: &Value) -> Value {
    on(host, draw, "reveal", &json!({})).await.ok()["draw"].clone()
}

/// All hashes of a draw, by pages of so many.
async fn entrants(user: &User, draw: &Value, limit: usize) -> Vec<String> {
    let (mut hashes, mut after) = (Vec::new(), 0);
    loop {
        let page = user.get(&format!("draws/{}/entrants?after={after}&limit={limit}", draw["id"])).await.ok();
        let found = page["entrants"].as_array().expect("a list");
        hashes.extend(found.iter().map(|hash| hash.as_str().expect("a hash").to_owned()));
        match page["next_after"].as_u64() {
            Some(next) => after = next,
            None => return hashes,
        }
    }
}

/// People of whom a message stands.
async fn senders(world: &World, ids: &[&str]) -> Vec<User> {
    let mut users = Vec::new();
    for id in ids {
        let user = world.user(id);
        user.send("I am in").await.ok();
        users.push(user);
    }
    users
}

#[tokio::test]
async fn a_draw_is_told_whenever_it_changes_even_if_others_were_started_since() {
    let world = World::start().await;
    let hans = world.host();
    let users = senders(&world, &["ann", "bob", "carl"]).await;
    let socket = &mut users[0].connect().await;
    let (first, second) = (started(&hans, &json!({})).await, started(&hans, &json!({"prize": "A hat"})).await);
    let shown = async || world.user("late").get("status").await.ok()["session"]["draw"].clone();
    assert_eq!(shown().await, second);
    for (draw, winners) in [(&first, 1), (&second, 1), (&first, 2)] {
        let changed = match winners {
            1 => reveal(&hans, draw).await,
            _ => on(&hans, draw, "redraw", &json!({"reason": "no answer"})).await.ok()["draw"].clone(),
        };
        socket.wait_for("its frame", |event| event["type"] == "draw_update" && event["draw"] == changed).await;
        assert_eq!(shown().await, changed);
    }
}

#[tokio::test]
async fn draws_that_exclude_many_are_all_found_page_by_page() {
    let world = World::start().await;
    let hans = world.host();
    senders(&world, &["ann"]).await;
    let excluded: Vec<String> = (0..1000).map(|number| format!("{number:0>110}")).collect();
    let mut made = Vec::new();
    for _ in 0..12 {
        made.insert(0, started(&hans, &json!({"exclude": excluded})).await["id"].clone());
    }
    let (mut found, mut before) = (Vec::new(), String::new());
    loop {
        let page = hans.get(&format!("draws?limit=20{before}")).await.ok();
        found.extend(page["draws"].as_array().expect("draws").iter().map(|draw| draw["id"].clone()));
        match page["next_before"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(found, made, "a query reads 1 MB, and each of them has a ninth of one");
}

#[tokio::test]
async fn everybody_hears_the_commitment_before_the_list_and_the_list_before_the_seed() {
    let world = World::start().await;
    let hans = world.host();
    let users = senders(&world, &["ann", "bob", "carl"]).await;
    let (mut plain, mut batched) = (users[0].connect().await, users[0].connect_to("1", "&batch=1").await);
    assert_eq!(plain.ask(&json!({"type": "ping"})).await.get("draw_version"), None);
    assert_eq!(users[0].get("status").await.ok()["session"]["draw"], Value::Null);
    let draw = started(&hans, &json!({"winners": 2})).await;
    assert_eq!((&draw["state"], &draw["entrants"], &draw["seed"]), (&json!("frozen"), &json!(3), &Value::Null));
    assert_eq!((&draw["winners"], draw.get("winner_names")), (&Value::Null, None));
    let status = world.user("late").get("status").await.ok()["session"].clone();
    assert_eq!((&status["draw"], &status["draw_version"]), (&draw, &json!(2)));
    let revealed = reveal(&hans, &draw).await;
    for socket in [&mut plain, &mut batched] {
        let is_over = |event: &Value| event["type"] == "draw_update" && event["draw"]["state"] == "revealed";
        let frame = socket.wait_for("the winners", is_over).await;
        assert_eq!((&frame["draw"], &frame["draw_version"]), (&revealed, &json!(3)));
        let told: Vec<_> = socket.events.iter().filter(|event| event["type"] == "draw_update").collect();
        assert!(told.iter().all(|frame| frame["draw"]["commitment"] == draw["commitment"]));
        let states: Vec<_> = told.iter().filter_map(|frame| frame["draw"]["state"].as_str()).collect();
        let order = ["freezing", "frozen", "revealed"];
        assert!(states.is_sorted_by_key(|state| order.iter().position(|known| known == state)), "{states:?}");
    }
    assert_eq!(plain.ask(&json!({"type": "ping"})).await["draw_version"], 3);
    assert_eq!(revealed["winners"].as_array().map(Vec::len), Some(2));
    assert_eq!(revealed["winner_names"][0], format!("Name of {}", revealed["winners"][0].as_str().expect("an id")));
    let log = hans.get("moderation/actions").await.ok();
    let acts: Vec<_> = log["actions"].as_array().expect("entries").iter().map(|act| act["action"].clone()).collect();
    assert_eq!(acts, ["reveal_draw", "start_draw"]);
}

#[tokio::test]
async fn the_list_has_pages_and_says_whether_somebody_is_in_it() {
    let world = World::start().await;
    let hans = world.host();
    for lot in 0..10 {
        let users: Vec<User> = (0..90).map(|i| world.user(&format!("user{lot}-{i}"))).collect();
        futures_util::future::join_all(users.iter().map(|user| user.send("in"))).await;
    }
    let draw = started(&hans, &json!({"winners": 10})).await;
    assert_eq!(draw["entrants"], 900);
    let ann = world.user("ann");
    let all = entrants(&ann, &draw, 1000).await;
    assert!(all.len() == 900 && all.is_sorted());
    assert_eq!(entrants(&ann, &draw, 7).await, all, "pages within and over parts");
    for hash in [&all[0], &all[399], &all[400], &all[899]] {
        let found = ann.get(&format!("draws/{}/entrants?hash={hash}", draw["id"])).await.ok();
        assert_eq!(found, json!({"entrants": [hash], "next_after": null}));
    }
    for hash in ["0".repeat(64), "f".repeat(64), "8".repeat(64)] {
        let found = ann.get(&format!("draws/{}/entrants?hash={hash}", draw["id"])).await.ok();
        assert_eq!(found["entrants"], json!([]));
    }
}

#[tokio::test]
async fn a_redraw_publishes_the_next_of_the_same_order_until_nobody_is_left() {
    let world = World::start().await;
    let hans = world.host();
    senders(&world, &["ann", "bob", "carl"]).await;
    let draw = started(&hans, &json!({})).await;
    let conflict = || (409, "conflict".to_owned());
    let reason = json!({"reason": "no answer"});
    assert_eq!(on(&hans, &draw, "redraw", &reason).await.problem(), conflict(), "it is not revealed");
    let first = reveal(&hans, &draw).await["winners"].clone();
    assert_eq!(on(&hans, &draw, "redraw", &json!({})).await.problem(), (400, "invalid_request".to_owned()));
    let keyed = json!({"reason": "no answer", "client_action_id": "again"});
    let more = on(&hans, &draw, "redraw", &keyed).await.ok()["draw"].clone();
    assert_eq!((&more["redraws"], more["winners"].as_array().map(Vec::len)), (&json!(1), Some(2)));
    assert_eq!(more["winners"][0], first[0], "the first stays the first");
    assert_eq!(on(&hans, &draw, "redraw", &keyed).await.ok()["draw"], more, "a repeat draws nobody");
    on(&hans, &draw, "redraw", &reason).await.ok();
    assert_eq!(on(&hans, &draw, "redraw", &reason).await.problem(), conflict(), "nobody is left");
    assert_eq!(reveal(&hans, &draw).await["redraws"], 2, "a second reveal changes nothing");
    let log = hans.get("moderation/actions?action=redraw").await.ok();
    assert_eq!((log["actions"].as_array().map(Vec::len), &log["actions"][0]["reason"]), (Some(2), &json!("no answer")));
}
