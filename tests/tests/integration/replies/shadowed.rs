//! Replies to shadowed messages: nobody else learns of the parent, and its author learns nothing of the shadow.

use serde_json::json;
use tests::rest::User;
use tests::world::World;

use super::{act, gone, on_page, quote, reply, say};

/// A world in which the word `gloom` shadows a message, and such a message of ann's.
async fn with_shadowed(settings: &[(&str, &str)]) -> (World, User, u64) {
    let world = World::with(settings).await;
    let ann = world.user("ann");
    let terms =
        json!({"terms": [{"term": "gloom", "match": "word", "action": "shadow"}], "allow": [], "link_domains": []});
    world.host().call(reqwest::Method::PUT, "moderation/terms", Some(terms.to_string())).await.ok();
    let parent = say(&ann, "gloom").await;
    (world, ann, parent)
}

#[tokio::test]
async fn a_reply_to_ones_own_shadowed_message_is_shadowed_and_quotes_it_for_its_readers() {
    let (world, ann, parent) = with_shadowed(&[]).await;
    let (bob, mona) = (world.user("bob"), world.moderator());
    let (mut of_ann, mut of_bob, mut of_mona) = (ann.connect().await, bob.connect().await, mona.connect().await);
    let answer = reply(&ann, "and more", parent).await.ok()["message_id"].as_u64().expect("an id");
    let last = say(&ann, "for all").await;
    let expected = quote(parent, "ann", "gloom");
    for socket in [&mut of_ann, &mut of_mona] {
        assert_eq!(socket.message(answer % 100_000_000).await["reply_to"], expected);
    }
    of_bob.message(last % 100_000_000).await;
    assert_eq!(of_bob.seqs(), [last % 100_000_000], "bob hears of neither");
    for reader in [&ann, &mona] {
        assert_eq!(on_page(reader, answer).await, expected);
    }
    assert_eq!(bob.get("messages").await.ok()["messages"].as_array().expect("a list").len(), 1);
}

#[tokio::test]
async fn to_everybody_else_there_is_no_such_message_to_reply_to() {
    let (world, _ann, parent) = with_shadowed(&[]).await;
    for sender in [world.user("bob"), world.moderator()] {
        assert_eq!(reply(&sender, "hi", parent).await.problem(), (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn a_held_reply_to_a_shadowed_message_cannot_be_approved() {
    let (world, ann, parent) = with_shadowed(&[]).await;
    let mona = world.moderator();
    act(&mona, json!({"action": "set_modes", "modes": {"review_all": true}})).await;
    let held = reply(&ann, "and more", parent).await.json["held_id"].clone();
    let approve = json!({"action": "approve", "held_id": held}).to_string();
    let refused = mona.call(reqwest::Method::POST, "moderation/actions", Some(approve)).await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    act(&mona, json!({"action": "deny", "held_id": held})).await;
}

#[tokio::test]
async fn a_shadowed_reply_to_a_standing_message_loses_the_quote_with_it() {
    let (world, ann, _) = with_shadowed(&[]).await;
    let (bob, mona) = (world.user("bob"), world.moderator());
    let parent = say(&bob, "hello").await;
    let answer = reply(&ann, "gloom again", parent).await.ok()["message_id"].as_u64().expect("an id");
    assert_eq!(on_page(&ann, answer).await, quote(parent, "bob", "hello"));
    bob.delete(&format!("messages/{parent}")).await.ok();
    for reader in [&ann, &mona] {
        assert_eq!(on_page(reader, answer).await, gone(parent));
    }
}
