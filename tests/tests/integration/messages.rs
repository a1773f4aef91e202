//! Deleting messages.

use serde_json::json;
use tests::proxy::Fate;
use tests::world::World;

#[tokio::test]
async fn a_deleted_message_leaves_history_and_resume_and_everybody_hears_it() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut socket = bob.connect().await;
    for text in ["one", "two", "three"] {
        ann.send(text).await.ok();
    }
    socket.until_messages(3).await;
    assert_eq!(
        ann.delete("messages/100000002").await.ok(),
        json!({"message": "Message deleted", "message_id": 100_000_002})
    );
    assert_eq!(socket.next("message_deleted").await, json!({"type": "message_deleted", "message_id": 100_000_002}));
    let page = bob.get("messages?limit=2").await.ok();
    let texts: Vec<_> = page["messages"].as_array().unwrap().iter().map(|message| message["message"].clone()).collect();
    assert_eq!((texts, &page["has_more"]), (vec![json!("one"), json!("three")], &json!(false)));
    let resumed = socket.ask(&json!({"type": "resume", "after": 0})).await;
    let seqs: Vec<_> = resumed["messages"].as_array().unwrap().iter().map(|message| message["seq"].clone()).collect();
    assert_eq!(seqs, [json!(1), json!(3)]);
    assert_eq!(ann.delete("messages/100000002").await.problem(), (404, "not_found".to_owned()));
    assert_eq!(ann.post("like-message/100000002").await.problem(), (404, "not_found".to_owned()));
    assert_eq!(socket.seqs(), [1, 2, 3]);
}

#[tokio::test]
async fn only_the_author_a_host_or_a_moderator_may_delete() {
    let world = World::start().await;
    let ann = world.user("ann");
    for text in ["one", "two", "three"] {
        ann.send(text).await.ok();
    }
    let with_role = |role: &str| world.user_as(role, role);
    assert_eq!(world.user("bob").delete("messages/100000001").await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(with_role("fan").delete("messages/100000001").await.problem(), (403, "forbidden".to_owned()));
    with_role("host").delete("messages/100000001").await.ok();
    with_role("moderator").delete("messages/100000002").await.ok();
    ann.delete("messages/100000003").await.ok();
    for id in ["100000004", "200000001"] {
        assert_eq!(ann.delete(&format!("messages/{id}")).await.problem(), (404, "not_found".to_owned()), "{id}");
    }
}

#[tokio::test]
async fn a_deletion_whose_answer_from_the_table_is_lost_is_a_success_and_a_second_one_is_not() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (ann, mut listener) = (world.user("ann"), world.user("listener").connect().await);
    ann.send("oops").await.ok();
    listener.until_messages(1).await;
    let mut is_first = true;
    proxy.judge(move |request| {
        let is_deletion = request.operation == "UpdateItem" && request.body.contains("SET deleted");
        if is_deletion && std::mem::take(&mut is_first) { Fate::CutAfter } else { Fate::Pass }
    });
    assert_eq!(ann.delete("messages/100000001").await.ok()["message"], "Message deleted");
    assert_eq!(listener.next("message_deleted").await["message_id"], 100_000_001);
    assert_eq!(ann.delete("messages/100000001").await.problem(), (404, "not_found".to_owned()));
}
