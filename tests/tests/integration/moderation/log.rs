//! The audit log, and what staff know about a user.

use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::world::World;

use super::{act, behind_a_proxy, host, moderator};

fn names(log: &Value) -> Vec<&str> {
    log["actions"].as_array().expect("entries").iter().filter_map(|entry| entry["action"].as_str()).collect()
}

#[tokio::test]
async fn each_act_has_its_entry_newest_first_and_each_filter_finds_its_own() {
    let world = World::start().await;
    let (mona, hans, bob) = (moderator(&world), host(&world), world.user("bob"));
    let id = bob.send("hello").await.ok()["message_id"].clone();
    let _socket = bob.connect().await;
    let mut entries = Vec::new();
    for (actor, body) in [
        (&mona, json!({"action": "note", "user_id": "bob", "text": "asks nicely", "reason": "for later"})),
        (
            &mona,
            json!({"action": "timeout", "user_id": "bob", "seconds": 60, "reason": "spam", "explanation": "Calm down"}),
        ),
        (&hans, json!({"action": "lift", "user_id": "bob"})),
        (&mona, json!({"action": "delete", "message_ids": [id], "reason": "rude"})),
        (&hans, json!({"action": "disconnect", "user_id": "carl"})),
    ] {
        // Entries of one millisecond are in no order.
        world.pass(1);
        entries.push(act(actor, &body).await.ok());
    }
    let log = mona.get("moderation/actions").await.ok();
    let newest_first: Vec<&Value> = entries.iter().rev().collect();
    assert_eq!(log["actions"].as_array().expect("entries").iter().collect::<Vec<_>>(), newest_first);
    assert_eq!((&log["has_more"], &log["next_before"]), (&json!(false), &Value::Null));

    let timeout = &entries[1];
    assert_eq!(timeout["actor"], json!({"user_id": "mona", "username": "Name of mona"}));
    assert_eq!(timeout["target"], json!({"user_id": "bob", "username": "Name of bob"}));
    assert_eq!((&timeout["reason"], &timeout["explanation"]), (&json!("spam"), &json!("Calm down")));
    assert_eq!(
        (&timeout["actor_type"], &timeout["session_id"], &timeout["changes"]),
        (&json!("user"), &json!(1), &json!({"delete_messages": false}))
    );
    assert_eq!(entries[0]["target"]["note"], "asks nicely");
    assert_eq!(entries[3]["target"], json!({"message_ids": [id]}));

    for (query, expected) in [
        ("user_id=bob", vec!["lift", "timeout", "note"]),
        ("user_id=carl", vec!["disconnect"]),
        ("user_id=nobody", vec![]),
        ("actor=hans", vec!["disconnect", "lift"]),
        ("actor=mona&user_id=bob", vec!["timeout", "note"]),
        ("action=delete", vec!["delete"]),
        ("session_id=1&action=lift", vec!["lift"]),
        ("limit=2", vec!["disconnect", "delete"]),
    ] {
        let log = mona.get(&format!("moderation/actions?{query}")).await.ok();
        assert_eq!(names(&log), expected, "{query}");
    }
    let mut paged = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = mona.get(&format!("moderation/actions?{query}")).await.ok();
        paged.extend(page["actions"].as_array().expect("entries").clone());
        let Some(before) = page["next_before"].as_str() else { break };
        query = format!("limit=2&before={before}");
    }
    assert_eq!(paged.iter().collect::<Vec<_>>(), newest_first);
    for query in ["", "&user_id=bob", "&session_id=1"] {
        for before in ["00000000000000000000000000", "000020jxpmy0vj1z9pdqpx3e5p", "7zzzzzzzzzzzzzzzzzzzzzzzzz"] {
            let page = mona.get(&format!("moderation/actions?before={before}{query}")).await.ok();
            let is_empty = page["actions"].as_array().expect("entries").is_empty();
            assert_eq!(is_empty, before.starts_with('0'), "{before}{query}: {page}");
        }
    }
    let one = mona.get(&format!("moderation/actions/{}", timeout["id"].as_str().expect("an id"))).await.ok();
    assert_eq!(one, *timeout);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused_and_leaves_no_entry() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    for (body, expected) in [
        (json!({"action": "explode"}), (400, "invalid_request")),
        (json!({"action": "timeout", "user_id": "bob", "seconds": 0}), (400, "invalid_request")),
        (json!([]), (400, "invalid_request")),
        (json!({"action": "ban", "user_id": "bob", "session_id": 77}), (404, "not_found")),
        (json!({"action": "delete", "message_ids": [100_000_001]}), (404, "not_found")),
        (json!({"action": "lift", "user_id": "bob"}), (409, "conflict")),
        (json!({"action": "revoke_tokens", "user_id": "bob"}), (403, "forbidden")),
    ] {
        let (status, code) = act(&mona, &body).await.problem();
        assert_eq!((status, code.as_str()), expected, "{body}");
    }
    for query in ["limit=0", "limit=101", "limit=x", "before=x", "session_id=x"] {
        let refused = mona.get(&format!("moderation/actions?{query}")).await;
        assert_eq!(refused.problem(), (400, "invalid_request".to_owned()), "{query}");
    }
    assert_eq!(mona.get("moderation/actions/nothing").await.problem(), (404, "not_found".to_owned()));
    for path in ["moderation/actions", "moderation/users/bob", "moderation/actions/nothing"] {
        assert_eq!(bob.get(path).await.problem(), (403, "forbidden".to_owned()), "{path}");
    }
    assert_eq!(mona.get("moderation/actions").await.ok()["actions"], json!([]));
}

#[tokio::test]
async fn a_card_tells_what_staff_know() {
    let world = World::start().await;
    let (mona, hans, bob) = (moderator(&world), host(&world), world.user("bob"));
    let nobody = mona.get("moderation/users/nobody").await.ok();
    assert_eq!(
        (&nobody["username"], &nobody["messages"], &nobody["sanctions"]),
        (&Value::Null, &json!([]), &json!([]))
    );
    bob.send("one").await.ok();
    let second = bob.send("two").await.ok()["message_id"].clone();
    world.user("ann").send("of somebody else").await.ok();
    bob.delete(&format!("messages/{second}")).await.ok();
    let _socket = bob.connect().await;
    act(&mona, &json!({"action": "note", "user_id": "bob", "text": "asks nicely"})).await.ok();
    let entry = act(&hans, &json!({"action": "timeout", "user_id": "bob", "seconds": 60, "reason": "spam"})).await.ok();

    let card = mona.get("moderation/users/bob").await.ok();
    assert_eq!(
        (&card["user_id"], &card["username"], &card["roles"]),
        (&json!("bob"), &json!("Name of bob"), &json!([]))
    );
    assert_eq!(
        (&card["counts"], &card["sockets"]),
        (&json!({"messages": 1, "deleted": 1, "held": 0, "reports": 0}), &json!(1))
    );
    assert_eq!(card["messages"].as_array().expect("messages").len(), 1);
    assert_eq!(card["messages"][0]["message"], "one");
    let expected = json!({"state": "timed_out", "scope": "all", "until": entry["until"], "reason": "spam", "explanation": null, "reference": entry["id"],
        "actor": {"user_id": "hans", "username": "Name of hans"}});
    assert_eq!(card["sanctions"], json!([expected]));
    assert_eq!(
        (&card["notes"][0]["text"], &card["notes"][0]["actor"]["user_id"]),
        (&json!("asks nicely"), &json!("mona"))
    );
    world.pass(60);
    assert_eq!(mona.get("moderation/users/bob").await.ok()["sanctions"], json!([]), "it has ended");
    let host_card = mona.get("moderation/users/hans").await.ok();
    assert_eq!(host_card["roles"], json!([]), "nothing is known of a token that has no socket");
    let _socket = hans.connect().await;
    assert_eq!(mona.get("moderation/users/hans").await.ok()["roles"], json!(["host"]));
}

#[tokio::test]
async fn ids_of_users_that_look_like_paths_have_cards_as_well() {
    let world = World::start().await;
    let mona = moderator(&world);
    for (user_id, path) in
        [("a/b", "a%2Fb"), ("auth0|7", "auth0%7C7"), ("a b+c", "a%20b%2Bc"), ("é#1", "%C3%A9%231"), ("50%", "50%25")]
    {
        act(&mona, &json!({"action": "note", "user_id": user_id, "text": "seen"})).await.ok();
        let card = mona.get(&format!("moderation/users/{path}")).await.ok();
        assert_eq!((&card["user_id"], card["notes"].as_array().map(Vec::len)), (&json!(user_id), Some(1)));
    }
}

#[tokio::test]
async fn the_log_knows_users_by_pseudonyms_alone() {
    let (world, proxy) = behind_a_proxy().await;
    let (seen, mut rows) = tokio::sync::mpsc::unbounded_channel();
    proxy.judge(move |request| {
        if request.operation == "TransactWriteItems" {
            seen.send(request.body.clone()).expect("the test still listens");
        }
        Fate::Pass
    });
    let body = json!({"action": "ban", "user_id": "a-telling-id", "reason": "a telling reason", "explanation": "a telling word"});
    act(&moderator(&world), &body).await.ok();
    let mut audited = 0;
    while let Ok(transaction) = rows.try_recv() {
        let transaction: Value = serde_json::from_str(&transaction).expect("JSON");
        for action in transaction["TransactItems"].as_array().expect("actions") {
            if action["Put"]["TableName"] == "live-chat-audit" {
                audited += 1;
                let row = action.to_string();
                assert!(!row.contains("telling") && !row.contains("mona") && !row.contains("Mona"), "{row}");
            }
        }
    }
    assert_eq!(audited, 2);
}

#[tokio::test]
async fn staff_hear_each_act_and_the_user_the_own_standing_and_viewers_nothing() {
    let world = World::start().await;
    let (mona, hans, bob, ann) = (moderator(&world), host(&world), world.user("bob"), world.user("ann"));
    let (mut of_hans, mut of_bob, mut of_ann) = (hans.connect().await, bob.connect().await, ann.connect().await);
    let timeout =
        act(&mona, &json!({"action": "timeout", "user_id": "bob", "seconds": 60, "explanation": "Calm down"}))
            .await
            .ok();
    assert_eq!(of_hans.next("moderation_action").await["action"], timeout, "as the answer and the log have it");
    let standing = of_bob.next("standing_update").await["standing"].clone();
    assert_eq!((&standing["state"], &standing["until"]), (&json!("timed_out"), &timeout["until"]));
    assert_eq!((&standing["reference"], &standing["explanation"]), (&timeout["id"], &json!("Calm down")));
    act(&mona, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    assert_eq!(of_bob.next("standing_update").await["standing"], json!({"state": "ok"}));
    act(&mona, &json!({"action": "note", "user_id": "bob", "text": "seen"})).await.ok();
    act(&mona, &json!({"action": "ban", "user_id": "bob"})).await.ok();
    assert_eq!(of_bob.next("standing_update").await["standing"]["state"], "banned", "before the socket closes");
    of_bob.closed().await;
    for action in ["lift", "note", "ban"] {
        assert_eq!(of_hans.next("moderation_action").await["action"]["action"], action);
    }
    ann.send("hello").await.ok();
    let heard = of_ann.next("new_message").await;
    assert_eq!(heard["message"]["message"], "hello");
    assert!(of_ann.kinds().all(|kind| !["moderation_action", "standing_update"].contains(&kind)));
}
