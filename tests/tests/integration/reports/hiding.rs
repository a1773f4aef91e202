//! Messages that reports hide until staff decide.

use std::cell::Cell;

use gateway::token::Claims;
use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::{act, crowd, listed, moderator, report, sent_by_bob};

/// A world in which three reports hide a message.
async fn strict() -> World {
    World::with(&[("LIVE_CHAT_HIDE_AT_REPORTS", "3")]).await
}

/// The texts of the newest page.
async fn shown(reader: &User) -> Vec<Value> {
    let page = reader.get("messages").await.ok();
    page["messages"].as_array().expect("messages").iter().map(|message| message["message"].clone()).collect()
}

#[tokio::test]
async fn enough_reports_hide_a_message_and_a_dismissal_brings_it_back_for_good() {
    let world = strict().await;
    let (mona, users) = (moderator(&world), crowd(&world, 5));
    let mut viewer = world.user("viewer").connect().await;
    let mut staff = mona.connect().await;
    let id = sent_by_bob(&world, "disputed").await;
    sent_by_bob(&world, "harmless").await;
    viewer.until_messages(2).await;
    users[4].post(&format!("like-message/{id}")).await.ok();
    for user in &users[..2] {
        report(user, id, "hate").await.ok();
    }
    assert_eq!(shown(&mona).await, ["disputed", "harmless"]);
    let last = report(&users[2], id, "spam").await.ok();

    // To viewers it is deleted: live, by page, to a late joiner, and for likes and reports.
    let deleted = viewer.next("message_deleted").await;
    assert_eq!(deleted, json!({"type": "message_deleted", "message_id": id}));
    for reader in [&users[0], &world.user("bob"), &mona] {
        assert_eq!(shown(reader).await, ["harmless"]);
    }
    let resumed = world.user("late").connect().await.ask(&json!({"type": "resume", "after": 0})).await;
    assert_eq!(resumed["messages"].as_array().expect("messages").len(), 1, "{resumed}");
    for refused in [
        users[3].post(&format!("like-message/{id}")).await,
        users[3].delete(&format!("like-message/{id}")).await,
        report(&users[3], id, "spam").await,
        world.user("bob").delete(&format!("messages/{id}")).await,
    ] {
        assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    }
    assert_eq!(report(&users[2], id, "spam").await.ok()["report_id"], last["report_id"], "a repeat is answered");

    // Staff see it, and the log says why.
    let all = listed(&mona).await;
    assert_eq!(
        (&all[0]["message"], &all[0]["hidden"], &all[0]["reports"]),
        (&json!("disputed"), &json!(true), &json!(3))
    );
    let (has_entry, has_reports) = (Cell::new(false), Cell::new(false));
    staff
        .wait_for("the entry and the reports, in whatever order", |event| {
            has_entry.set(has_entry.get() || event["action"]["action"] == "hide");
            has_reports.set(has_reports.get() || (event["type"] == "message_reported" && event["reports"] == 3));
            has_entry.get() && has_reports.get()
        })
        .await;
    let action =
        staff.events.iter().find(|event| event["type"] == "moderation_action").expect("the entry")["action"].clone();
    assert_eq!(mona.get(&format!("moderation/actions/{}", action["id"].as_str().expect("an id"))).await.ok(), action);
    assert_eq!(
        [&action["actor_type"], &action["actor"], &action["changes"]],
        [&json!("automod"), &json!({"user_id": null, "username": null}), &json!({"reports": 3})]
    );
    assert_eq!(action["target"], json!({"user_id": "bob", "username": "Name of bob", "message_ids": [id]}));
    let card = mona.get("moderation/users/bob").await.ok();
    assert_eq!(card["counts"], json!({"messages": 2, "deleted": 0, "held": 0, "reports": 3}));
    assert_eq!(card["messages"][0]["message"], "disputed");

    let body = json!({"action": "dismiss_reports", "message_id": id, "reason": "fine", "client_action_id": "once"});
    let entry = act(&mona, &body).await.ok();
    assert_eq!(act(&mona, &body).await.ok(), entry, "a repeat answers the first entry");
    assert_eq!(entry["changes"], json!({"reports": 3, "was_hidden": true}));
    assert_eq!((&entry["target"]["message_ids"], &entry["session_id"]), (&json!([id]), &json!(1)));
    let restored = viewer.next("message_restored").await;
    assert_eq!((&restored["message"]["message"], &restored["message"]["seq"]), (&json!("disputed"), &json!(1)));
    assert_eq!(restored["message"]["likes"], 1);
    assert_eq!(shown(&users[0]).await, ["disputed", "harmless"]);
    assert_eq!(listed(&mona).await, Vec::<Value>::new());
    let again = act(&mona, &json!({"action": "dismiss_reports", "message_id": id})).await;
    assert_eq!(again.problem(), (409, "conflict".to_owned()));
    for user in &users[3..] {
        report(user, id, "hate").await.ok();
    }
    assert_eq!(shown(&users[0]).await, ["disputed", "harmless"], "it is never hidden again");
    users[3].post(&format!("like-message/{id}")).await.ok();
    assert_eq!(viewer.next("message_like_update").await["likes"], 2);
}

#[tokio::test]
async fn messages_of_staff_are_not_hidden_and_reports_of_the_sanctioned_do_not_count() {
    let world = strict().await;
    let (mona, users) = (moderator(&world), crowd(&world, 6));
    let by_mona = mona.send("by staff").await.ok()["message_id"].as_u64().expect("an id");
    let id = sent_by_bob(&world, "raided").await;
    for user in &users[..2] {
        report(user, id, "hate").await.ok();
    }
    act(&mona, &json!({"action": "ban", "user_ids": ["user0", "user1"]})).await.ok();
    for user in &users[2..5] {
        report(user, by_mona, "hate").await.ok();
    }
    for user in &users[2..4] {
        report(user, id, "hate").await.ok();
    }
    assert_eq!(shown(&mona).await, ["by staff", "raided"], "two of four reports count");
    report(&users[4], id, "hate").await.ok();
    assert_eq!(shown(&mona).await, ["by staff"], "three of five do");
    let reported = listed(&mona).await;
    assert_eq!(reported[0]["reports"], 5, "{reported:?}");
}

#[tokio::test]
async fn a_hidden_message_that_staff_delete_stays_deleted() {
    let world = strict().await;
    let (mona, users) = (moderator(&world), crowd(&world, 3));
    let ids = [sent_by_bob(&world, "one").await, sent_by_bob(&world, "two").await, sent_by_bob(&world, "three").await];
    for id in ids {
        for user in &users {
            report(user, id, "hate").await.ok();
        }
    }
    assert_eq!(shown(&mona).await, Vec::<Value>::new());
    mona.delete(&format!("messages/{}", ids[0])).await.ok();
    act(&mona, &json!({"action": "delete", "message_ids": [ids[1]]})).await.ok();
    let left = listed(&mona).await;
    assert_eq!(left.iter().map(|one| &one["message_id"]).collect::<Vec<_>>(), [&json!(ids[2])]);
    for id in &ids[..2] {
        let entry = act(&mona, &json!({"action": "dismiss_reports", "message_id": id})).await.ok();
        assert_eq!(entry["changes"], json!({"reports": 3, "was_hidden": false}));
        let row = world.chat_row("messages#1", &format!("{:08}", id % 100_000_000)).await;
        assert!(!row.contains_key("text") && !row.contains_key("hidden_text") && row["deleted"] == true, "{row:?}");
    }
    assert_eq!(shown(&mona).await, Vec::<Value>::new());
    // A purge covers the third one, and its text goes with the others, a day later.
    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    let key = format!("{:08}", ids[2] % 100_000_000);
    assert_eq!(world.chat_row("messages#1", &key).await["hidden_text"], "three");
    act(&mona, &json!({"action": "dismiss_reports", "message_id": ids[2]})).await.ok();
    assert_eq!(shown(&mona).await, Vec::<Value>::new(), "what is covered does not come back");
}

#[tokio::test]
async fn a_hidden_text_is_removed_with_the_others_that_a_purge_covers() {
    let world = strict().await;
    let (mona, users) = (moderator(&world), crowd(&world, 3));
    let id = sent_by_bob(&world, "hidden").await;
    for user in &users {
        report(user, id, "hate").await.ok();
    }
    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    world.pass(26 * 3600);
    world.housekeep().await;
    let row = world.chat_row("messages#1", "00000001").await;
    assert!(!row.contains_key("hidden_text") && row["deleted_text"] == "hidden", "for staff alone: {row:?}");
}

#[tokio::test]
async fn reports_of_an_ended_session_are_dismissed_and_those_of_nobody_are_not_there() {
    let evening = "2026-01-05T19:30:00-05:00".parse().expect("a time");
    let world = World::at(evening, &[("LIVE_CHAT_SCHEDULE", "daily"), ("LIVE_CHAT_HIDE_AT_REPORTS", "2")]).await;
    let (mona, users) = (moderator(&world), crowd(&world, 2));
    let id = sent_by_bob(&world, "late").await;
    let quiet = sent_by_bob(&world, "quiet").await;
    world.pass(10 * 3600);
    world.housekeep().await;
    for user in &users {
        report(user, id, "spam").await.ok();
    }
    let session = id / 100_000_000;
    let page =
        async || mona.get(&format!("messages?session_id={session}")).await.ok()["messages"].as_array().map(Vec::len);
    assert_eq!(page().await, Some(1));
    let entry = act(&mona, &json!({"action": "dismiss_reports", "message_id": id})).await.ok();
    assert_eq!(entry["session_id"], session);
    assert_eq!(page().await, Some(2));
    for (message_id, session_id, refusal) in [
        (quiet, Value::Null, (404, "not_found")),
        (quiet, json!(session), (404, "not_found")),
        (999_900_000_001, Value::Null, (404, "not_found")),
    ] {
        let body = json!({"action": "dismiss_reports", "message_id": message_id, "session_id": session_id});
        let (status, code) = act(&mona, &body).await.problem();
        assert_eq!((status, code.as_str()), refusal, "{body}");
    }
    let refused = act(&mona, &json!({"action": "dismiss_reports", "message_id": "x"})).await;
    assert_eq!(refused.problem(), (400, "invalid_request".to_owned()));
    let bob = world.user_with(Claims { sub: "bob".to_owned(), ..Claims::default() });
    let refused = act(&bob, &json!({"action": "dismiss_reports", "message_id": id})).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
}
