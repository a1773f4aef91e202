//! Messages under names that can be taken for those of the staff in the room (docs/contract.md, Messages).

use gateway::token::Claims;
use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::act;

fn named(world: &World, sub: &str, name: &str, roles: &[&str]) -> User {
    let roles = roles.iter().map(|&role| role.to_owned()).collect();
    world.user_with(Claims { sub: sub.to_owned(), name: Some(name.to_owned()), roles, ..Claims::default() })
}

/// What the newest message tells of its author.
async fn newest(reader: &User) -> [Value; 2] {
    let message = reader.get("messages?limit=1").await.ok()["messages"][0].clone();
    ["user_id", "resembles_staff"].map(|field| message[field].clone())
}

#[tokio::test]
async fn a_message_under_a_name_like_that_of_staff_in_the_room_is_marked() {
    let world = World::start().await;
    let (alice, reader) = (named(&world, "mona", "Alice", &["moderator"]), world.user("reader"));
    let (twin, bob) = (named(&world, "eve", "АIiсе", &[]), named(&world, "bob", "Bob", &[]));
    let listener = &mut reader.connect().await;
    twin.send("before she has come").await.ok();
    assert_eq!(newest(&reader).await, [json!("eve"), Value::Null]);
    let _her_socket = alice.connect().await;
    // A function knows the staff for so long.
    world.pass(10);
    twin.send("she is in the room").await.ok();
    assert_eq!(newest(&reader).await, [json!("eve"), json!(true)]);
    assert_eq!(listener.message(2).await["resembles_staff"], true);
    assert_eq!(twin.connect().await.say("over a socket").await["type"], "ack");
    assert_eq!(newest(&reader).await, [json!("eve"), json!(true)]);
    bob.send("another name").await.ok();
    assert_eq!(newest(&reader).await, [json!("bob"), Value::Null]);
    alice.send("herself").await.ok();
    assert_eq!(newest(&reader).await, [json!("mona"), Value::Null]);
    // The same person, with a token that does not moderate.
    named(&world, "mona", "Alice", &[]).send("off duty").await.ok();
    assert_eq!(newest(&reader).await, [json!("mona"), Value::Null]);
    named(&world, "hans", "Alice", &["host"]).send("a colleague").await.ok();
    assert_eq!(newest(&reader).await, [json!("hans"), Value::Null]);
}

#[tokio::test]
async fn a_held_message_keeps_its_mark() {
    let world = World::start().await;
    let alice = named(&world, "mona", "Alice", &["moderator"]);
    let socket = &mut alice.connect().await;
    act(&alice, &json!({"action": "set_modes", "modes": {"review_all": true}})).await.ok();
    assert_eq!(named(&world, "eve", "alice", &[]).send("held").await.status, 202);
    let held = socket.next("message_held").await["held"]["held_id"].clone();
    act(&alice, &json!({"action": "approve", "held_id": held})).await.ok();
    assert_eq!(newest(&alice).await, [json!("eve"), json!(true)]);
}

#[tokio::test]
async fn a_name_that_a_term_hides_is_not_marked() {
    let world = World::start().await;
    let (host, twin) = (named(&world, "hans", "Alice", &["host"]), named(&world, "eve", "Alice", &[]));
    let _socket = host.connect().await;
    let list = json!({"terms": [{"term": "alice", "match": "word", "action": "mask"}]});
    host.call(reqwest::Method::PUT, "moderation/terms", Some(list.to_string())).await.ok();
    twin.send("hello").await.ok();
    assert_eq!(newest(&host).await, [json!("eve"), Value::Null]);
}
