//! Who is entered in a draw, and who is not.

use aws_lc_rs::digest::{SHA256, digest};
use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::{entrants, senders, start, started};
use crate::draws::reveal;

/// The people who are entered, among these.
async fn entered<'a>(reader: &User, draw: &Value, ids: &[&'a str]) -> Vec<&'a str> {
    let hashes = entrants(reader, draw, 1000).await;
    assert_eq!(draw["entrants"], hashes.len());
    let hash = |id: &str| -> String {
        let bytes = digest(&SHA256, format!("{}:{id}", draw["id"]).as_bytes());
        bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let found: Vec<&str> = ids.iter().copied().filter(|id| hashes.contains(&hash(id))).collect();
    assert_eq!(found.len(), hashes.len(), "somebody else is entered");
    found
}

async fn act(host: &User, body: &Value) {
    let answer = host.call(Method::POST, "moderation/actions", Some(body.to_string())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

const PEOPLE: [&str; 9] = ["ann", "bob", "carl", "dora", "emil", "fay", "hans", "mona", "robot"];

fn robot(world: &World) -> User {
    let capabilities = ["read", "send", "react", "uncounted"].map(str::to_owned).to_vec();
    world.user_with(Claims { sub: "robot".to_owned(), capabilities, ..Claims::default() })
}

#[tokio::test]
async fn senders_are_those_of_whom_a_message_stands() {
    let world = World::start().await;
    let (hans, mona) = (world.host(), world.moderator());
    let users = senders(&world, &["ann", "bob", "carl", "dora", "emil", "fay"]).await;
    for apart in [&hans, &mona, &robot(&world)] {
        apart.send("hello").await.ok();
    }
    users[1].delete("messages/100000002").await.ok();
    act(&hans, &json!({"action": "purge", "user_id": "carl"})).await;
    act(&hans, &json!({"action": "timeout", "user_id": "dora", "seconds": 60})).await;
    act(&hans, &json!({"action": "shadow_ban", "user_id": "emil"})).await;
    let draw = started(&hans, &json!({"exclude": ["fay"], "winners": 3})).await;
    assert_eq!(entered(&hans, &draw, &PEOPLE).await, ["ann"]);
    assert_eq!(reveal(&hans, &draw).await["winners"], json!(["ann"]), "fewer than wanted: all win");
    act(&hans, &json!({"action": "lift", "user_id": "dora"})).await;
    let draw = started(&hans, &json!({})).await;
    assert_eq!(entered(&hans, &draw, &PEOPLE).await, ["ann", "dora", "fay"]);
}

#[tokio::test]
async fn viewers_are_those_with_a_socket() {
    let world = World::start().await;
    let (hans, mona, robot) = (world.host(), world.moderator(), robot(&world));
    let users: Vec<User> = ["ann", "bob", "carl", "dora"].map(|id| world.user(id)).into();
    let mut sockets = Vec::new();
    for user in users[..3].iter().chain([&hans, &mona, &robot]) {
        sockets.push(user.connect().await);
    }
    users[3].get("status").await.ok();
    act(&hans, &json!({"action": "ban", "user_id": "carl"})).await;
    let draw = started(&hans, &json!({"among": "viewers"})).await;
    assert_eq!(entered(&hans, &draw, &PEOPLE).await, ["ann", "bob"]);
    sockets.swap_remove(0).close(1000).await;
    tests::within("one viewer less", async {
        while users[1].get("viewers").await.ok()["viewer_count"].as_u64().expect("a number") > 4 {}
    })
    .await;
    let draw = started(&hans, &json!({"among": "viewers"})).await;
    assert_eq!(entered(&hans, &draw, &PEOPLE).await, ["bob"]);
}

#[tokio::test]
async fn voters_are_those_whose_vote_counts_in_the_poll() {
    let world = World::start().await;
    let (hans, mona, robot) = (world.host(), world.moderator(), robot(&world));
    let poll = json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 60}).to_string();
    let poll = hans.call(Method::POST, "polls", Some(poll)).await.json["poll"]["id"].clone();
    for (user, option) in [(&world.user("ann"), 0), (&world.user("bob"), 1), (&mona, 0), (&robot, 1)] {
        let vote = json!({"option": option}).to_string();
        user.call(Method::POST, &format!("polls/{poll}/vote"), Some(vote)).await.ok();
    }
    let draw = started(&hans, &json!({"among": "voters", "poll_id": poll, "winners": 2})).await;
    assert_eq!(draw["poll_id"], poll);
    assert_eq!(entered(&hans, &draw, &PEOPLE).await, ["ann", "bob"]);
}

#[tokio::test]
async fn a_draw_without_anybody_is_a_conflict_and_stays_as_cancelled() {
    let world = World::start().await;
    let hans = world.host();
    hans.send("only staff").await.ok();
    let key = json!({"client_action_id": "draw-1"});
    for _ in 0..2 {
        assert_eq!(start(&hans, &key).await.problem(), (409, "conflict".to_owned()));
    }
    let draws = hans.get("draws").await.ok()["draws"].clone();
    assert_eq!((draws.as_array().map(Vec::len), &draws[0]["state"]), (Some(1), &json!("cancelled")));
    assert_eq!(hans.get("draws/10001/entrants").await.problem(), (409, "conflict".to_owned()));
    assert_eq!(super::on(&hans, &draws[0], "reveal", &json!({})).await.problem(), (409, "conflict".to_owned()));
}
