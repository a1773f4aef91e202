//! The list of reports, and the count in a user's card.

use gateway::token::Claims;
use serde_json::{Value, json};
use tests::world::World;

use super::{act, crowd, listed, moderator, report, sent_by_bob};

#[tokio::test]
async fn the_list_has_what_waits_for_staff_and_the_most_reported_first() {
    let world = World::start().await;
    let (mona, users) = (moderator(&world), crowd(&world, 4));
    let mut ids = Vec::new();
    for nth in 0..6 {
        ids.push(sent_by_bob(&world, &format!("message {nth}")).await);
    }
    for (id, reports) in ids.iter().zip([1, 3, 2, 4, 1, 0]) {
        for user in &users[..reports] {
            report(user, *id, "harassment").await.ok();
        }
    }
    let of_carl = world.user("carl").send("of carl").await.ok()["message_id"].as_u64().expect("an id");
    report(&users[0], of_carl, "other").await.ok();
    let order: Vec<u64> = listed(&mona).await.iter().filter_map(|one| one["message_id"].as_u64()).collect();
    assert_eq!(order, [ids[3], ids[1], ids[2], of_carl, ids[4], ids[0]]);
    let page = mona.get("messages?limit=1").await.ok();
    let first = listed(&mona).await[0].clone();
    let at = &mona.get(&format!("messages?after={}&limit=1", ids[2])).await.ok()["messages"][0]["created_at"];
    let expected = json!({"message_id": ids[3], "message": "message 3", "user_id": "bob", "username": "Name of bob", "at": at,
        "reports": 4, "reasons": {"harassment": 4}, "hidden": false});
    assert_eq!(first, expected, "{page}");
    let short = mona.get("moderation/reports?limit=2").await.ok();
    assert_eq!((short["reports"].as_array().map(Vec::len), &short["has_more"]), (Some(2), &json!(true)));
    assert_eq!(mona.get("moderation/reports?limit=6").await.ok()["has_more"], false);

    let card = mona.get("moderation/users/bob").await.ok();
    assert_eq!(card["counts"], json!({"messages": 6, "deleted": 0, "reports": 11}));
    assert_eq!(mona.get("moderation/users/nobody").await.ok()["counts"]["reports"], 0);

    // Deleted, dismissed and purged ones leave it.
    world.user("bob").delete(&format!("messages/{}", ids[3])).await.ok();
    act(&mona, &json!({"action": "delete", "message_ids": [ids[1]]})).await.ok();
    act(&mona, &json!({"action": "dismiss_reports", "message_id": ids[2]})).await.ok();
    let order: Vec<u64> = listed(&mona).await.iter().filter_map(|one| one["message_id"].as_u64()).collect();
    assert_eq!(order, [of_carl, ids[4], ids[0]]);
    report(&users[3], ids[2], "spam").await.ok();
    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    let left = listed(&mona).await;
    assert_eq!(left.iter().map(|one| &one["message_id"]).collect::<Vec<_>>(), [&json!(of_carl)]);
    act(&mona, &json!({"action": "clear"})).await.ok();
    assert_eq!(listed(&mona).await, Vec::<Value>::new());
}

#[tokio::test]
async fn staff_and_auditors_read_the_list_and_a_bad_parameter_is_named() {
    let world = World::start().await;
    let mona = moderator(&world);
    let id = sent_by_bob(&world, "reported").await;
    report(&world.user("ann"), id, "spam").await.ok();
    let auditor = world.user_with(Claims {
        sub: "audit".to_owned(),
        capabilities: vec!["audit".to_owned()],
        ..Claims::default()
    });
    assert_eq!(listed(&auditor).await.len(), 1);
    for (query, status, code) in [
        ("limit=0", 400, "invalid_request"),
        ("limit=101", 400, "invalid_request"),
        ("session_id=x", 400, "invalid_request"),
        ("session_id=99", 404, "not_found"),
    ] {
        let refused = mona.get(&format!("moderation/reports?{query}")).await;
        assert_eq!(refused.problem(), (status, code.to_owned()), "{query}");
    }
    act(
        &world.user_with(Claims { sub: "hans".to_owned(), roles: vec!["host".to_owned()], ..Claims::default() }),
        &json!({"action": "ban", "user_id": "mona"}),
    )
    .await
    .ok();
    assert_eq!(mona.get("moderation/reports").await.problem(), (403, "banned".to_owned()));
}
