//! People by the beginning of their names.

use gateway::token::Claims;
use reqwest::Url;
use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::{act, host, moderator};

fn named(world: &World, id: &str, name: &str) -> User {
    world.user_with(Claims { sub: id.to_owned(), name: Some(name.to_owned()), ..Claims::default() })
}

/// The search for a name, with further parameters.
fn search(name: &str, more: &[(&str, &str)]) -> String {
    let parameters = [&[("name", name)], more].concat();
    let url = Url::parse_with_params("http://localhost/", parameters).expect("an address");
    format!("moderation/users?{}", url.query().expect("a query"))
}

fn ids(found: &Value) -> Vec<&str> {
    found["users"].as_array().expect("users").iter().filter_map(|user| user["user_id"].as_str()).collect()
}

#[tokio::test]
async fn whoever_wrote_or_is_there_is_found_once_by_each_name_however_it_is_written() {
    let world = World::start().await;
    let mona = moderator(&world);
    let (bob, ann) = (named(&world, "b1", "Bob"), named(&world, "a1", "ann bob"));
    bob.send("one").await.ok();
    bob.send("two").await.ok();
    world.pass(1);
    ann.send("hello").await.ok();
    world.pass(1);
    // Cyrillic, and present without a message.
    let _socket = named(&world, "b2", "Вobby").connect().await;
    world.pass(1);
    let uncounted = Claims {
        sub: "b3".to_owned(),
        name: Some("BÖB the bot".to_owned()),
        capabilities: vec!["read".to_owned(), "uncounted".to_owned()],
        ..Claims::default()
    };
    let _of_bot = world.user_with(uncounted).connect().await;
    world.pass(1);
    named(&world, "b4", "bobo").send("under my first name").await.ok();
    named(&world, "b4", "an angel").send("under another").await.ok();
    world.pass(1);
    let gone = named(&world, "b5", "Bob who left");
    drop(gone.connect().await);

    for name in ["bob", "BÖB", "ｂｏｂ", " bo\u{200b}b "] {
        let found = mona.get(&search(name, &[])).await.ok();
        assert_eq!(&ids(&found)[ids(&found).len() - 4..], ["b4", "b3", "b2", "b1"], "{name}: {found}");
    }
    let found = mona.get(&search("bob", &[])).await.ok();
    let by_id = |id: &str| found["users"].as_array().expect("users").iter().find(|user| user["user_id"] == id).cloned();
    let of_bob = by_id("b1").expect("bob");
    assert_eq!(
        (&of_bob["username"], &of_bob["messages"], &of_bob["present"]),
        (&json!("Bob"), &json!(2), &json!(false))
    );
    let of_bobby = by_id("b2").expect("bobby");
    assert_eq!(
        (&of_bobby["username"], &of_bobby["messages"], &of_bobby["present"]),
        (&json!("Вobby"), &json!(0), &json!(true))
    );
    assert_eq!(by_id("b4").expect("bobo")["username"], "an angel", "the newest name");
    assert_eq!(ids(&mona.get(&search("an", &[])).await.ok()), ["b4", "a1"]);
    assert_eq!(ids(&mona.get(&search("bob t", &[])).await.ok()), ["b3"]);
    assert_eq!(mona.get(&search("nobody", &[])).await.ok(), json!({"users": [], "has_more": false}));
}

#[tokio::test]
async fn a_sanctioned_user_is_found_and_so_is_one_whose_messages_were_purged() {
    let world = World::start().await;
    let (mona, spammer) = (moderator(&world), named(&world, "s1", "Spammer"));
    let id = spammer.send("spam").await.ok()["message_id"].clone();
    spammer.send("more spam").await.ok();
    act(&mona, &json!({"action": "delete", "message_ids": [id]})).await.ok();
    act(&mona, &json!({"action": "ban", "user_id": "s1", "delete_messages": true})).await.ok();
    let found = mona.get(&search("spam", &[])).await.ok();
    assert_eq!((ids(&found), &found["users"][0]["messages"]), (vec!["s1"], &json!(2)), "the deleted one counts, too");
}

#[tokio::test]
async fn a_search_has_bounds_and_readers() {
    let world = World::start().await;
    let mona = moderator(&world);
    for nth in 0..4 {
        named(&world, &format!("u{nth}"), &format!("user {nth}")).send("hello").await.ok();
        world.pass(1);
    }
    let found = mona.get(&search("user", &[("limit", "3")])).await.ok();
    assert_eq!((ids(&found), &found["has_more"]), (vec!["u3", "u2", "u1"], &json!(true)));
    let found = mona.get(&search("user", &[("limit", "4"), ("session_id", "1")])).await.ok();
    assert_eq!((ids(&found).len(), &found["has_more"]), (4, &json!(false)));

    for (name, more) in [
        ("", &[][..]),
        ("\u{200b}", &[]),
        (&"x".repeat(51), &[]),
        ("user", &[("limit", "51")]),
        ("user", &[("limit", "0")]),
        ("user", &[("session_id", "x")]),
    ] {
        assert_eq!(
            mona.get(&search(name, more)).await.problem(),
            (400, "invalid_request".to_owned()),
            "{name:?} {more:?}"
        );
    }
    assert_eq!(mona.get("moderation/users").await.problem(), (400, "invalid_request".to_owned()));
    let nowhere = mona.get(&search("user", &[("session_id", "77")])).await;
    assert_eq!(nowhere.problem(), (404, "not_found".to_owned()));
    assert_eq!(world.user("bob").get(&search("user", &[])).await.problem(), (403, "forbidden".to_owned()));
    let limited = |sessions: &str, capability: &str| {
        let (sessions, capabilities) = (vec![sessions.to_owned()], vec![capability.to_owned()]);
        world.user_with(Claims { sub: "lim".to_owned(), sessions, capabilities, ..Claims::default() })
    };
    assert_eq!(ids(&limited("1", "audit").get(&search("user 2", &[])).await.ok()), ["u2"]);
    let elsewhere = limited("backstage", "moderate").get(&search("user", &[])).await;
    assert_eq!(elsewhere.problem(), (403, "forbidden".to_owned()));
    act(&host(&world), &json!({"action": "timeout", "user_id": "mona", "seconds": 60})).await.ok();
    assert_eq!(mona.get(&search("user", &[])).await.problem(), (403, "timed_out".to_owned()));
}
