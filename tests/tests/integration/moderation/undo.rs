//! Taking back the deletion of messages by themselves.

use futures_util::future::join_all;
use gateway::token::Claims;
use serde_json::{Value, json};
use shared::broadcast::topic::Topic;
use shared::broadcast::wake_up::WakeUp;
use shared::domain::message::MessageId;
use tests::rest::User;
use tests::world::World;

use super::{act, moderator};

/// Sends a message; returns its id.
async fn sent(author: &User, text: &str) -> u64 {
    author.send(text).await.ok()["message_id"].as_u64().expect("an id")
}

/// The texts of the newest page.
async fn shown(reader: &User) -> Vec<Value> {
    let page = reader.get("messages").await.ok();
    page["messages"].as_array().expect("messages").iter().map(|message| message["message"].clone()).collect()
}

/// The newest entry of the log with this name.
async fn newest(staff: &User, action: &str) -> Value {
    staff.get(&format!("moderation/actions?action={action}&limit=1")).await.ok()["actions"][0].clone()
}

/// Takes an act back.
fn restore(entry: &Value) -> Value {
    json!({"action": "restore", "action_id": entry["id"]})
}

#[tokio::test]
async fn staff_who_delete_a_message_leave_an_entry_and_take_it_back() {
    let world = World::start().await;
    let (mona, ann, bob) = (moderator(&world), world.user("ann"), world.user("bob"));
    let (mut viewer, mut staff) = (ann.connect().await, mona.connect().await);
    let ids = [sent(&bob, "one").await, sent(&bob, "two").await];
    viewer.until_messages(2).await;
    ann.post(&format!("like-message/{}", ids[0])).await.ok();
    let answer = mona.delete(&format!("messages/{}", ids[0])).await.ok();
    assert_eq!(answer, json!({"message": "Message deleted", "message_id": ids[0]}), "as the guide has it");
    assert_eq!(mona.delete(&format!("messages/{}", ids[0])).await.problem(), (404, "not_found".to_owned()));
    let told = staff.next("moderation_action").await["action"].clone();
    assert_eq!((&told["action"], &told["target"]), (&json!("delete"), &json!({"message_ids": [ids[0]]})));
    assert_eq!((&told["actor"]["user_id"], &told["session_id"]), (&json!("mona"), &json!(1)));
    let entry = newest(&mona, "delete").await;
    assert_eq!(entry, told);
    assert_eq!(viewer.next("message_deleted").await["message_id"], ids[0]);
    assert_eq!(shown(&ann).await, ["two"]);

    let body =
        json!({"action": "restore", "action_id": entry["id"], "client_action_id": "once", "reason": "wrong one"});
    let restored = act(&mona, &body).await.ok();
    assert_eq!(act(&mona, &body).await.ok(), restored, "a repeat answers the first entry");
    assert_eq!(restored["changes"], json!({"action_id": entry["id"], "action": "delete"}));
    assert_eq!((&restored["target"], &restored["reason"]), (&json!({"message_ids": [ids[0]]}), &json!("wrong one")));
    let back = viewer.next("message_restored").await["message"].clone();
    assert_eq!((&back["id"], &back["message"], &back["likes"]), (&json!(ids[0]), &json!("one"), &json!(1)));
    assert_eq!((&back["username"], &back["seq"]), (&json!("Name of bob"), &json!(1)));
    assert_eq!(shown(&ann).await, ["one", "two"]);
    world.user("eve").post(&format!("like-message/{}", ids[0])).await.ok();
    assert_eq!(viewer.next("message_like_update").await["likes"], 2);
    let seen = mona.get(&format!("moderation/messages/{}", ids[0])).await.ok();
    let acts: Vec<&Value> = seen["entries"].as_array().expect("entries").iter().map(|entry| &entry["id"]).collect();
    assert_eq!((&seen["state"], acts), (&json!("standing"), vec![&restored["id"], &entry["id"]]));
    assert!(viewer.kinds().all(|kind| kind != "moderation_action"), "{:?}", viewer.events);
}

#[tokio::test]
async fn ones_own_deletion_has_no_entry_and_those_who_are_sanctioned_delete_nothing_of_others() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let hans = super::host(&world);
    let ids = [sent(&bob, "one").await, sent(&mona, "two").await, sent(&bob, "three").await];
    bob.delete(&format!("messages/{}", ids[0])).await.ok();
    mona.delete(&format!("messages/{}", ids[1])).await.ok();
    assert_eq!(mona.get("moderation/actions").await.ok()["actions"], json!([]));
    act(&hans, &json!({"action": "timeout", "user_id": "mona", "seconds": 60})).await.ok();
    let refused = mona.delete(&format!("messages/{}", ids[2])).await;
    assert_eq!(refused.problem(), (403, "timed_out".to_owned()), "a sanction suspends the rights of staff");
    assert_eq!(bob.delete(&format!("messages/{}", 999)).await.status, 404);
    assert_eq!(shown(&bob).await, ["three"]);
}

#[tokio::test]
async fn a_lot_comes_back_but_for_what_its_authors_deleted_or_staff_deleted_again() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut viewer = world.user("viewer").connect().await;
    let sends = join_all((0..30).map(|nth| {
        let bob = bob.clone();
        async move { sent(&bob, &format!("message {nth}")).await }
    }));
    let mut ids: Vec<u64> = sends.await;
    ids.sort_unstable();
    viewer.until_messages(30).await;
    let answer = act(&mona, &json!({"action": "delete", "message_ids": ids})).await.ok();
    let lots = answer["actions"].as_array().expect("two entries").clone();
    act(&mona, &restore(&lots[1])).await.ok();
    assert_eq!(shown(&bob).await.len(), 5, "the second lot");
    bob.delete(&format!("messages/{}", ids[29])).await.ok();
    act(&mona, &json!({"action": "delete", "message_ids": [ids[28]]})).await.ok();
    // Three stand again, one was deleted by its author since, and one by another act.
    assert_eq!(act(&mona, &restore(&lots[1])).await.problem(), (409, "conflict".to_owned()));
    let first = act(&mona, &restore(&lots[0])).await.ok();
    assert_eq!(first["target"]["message_ids"], json!(ids[..25]));
    assert_eq!(shown(&bob).await.len(), 28);
    viewer
        .wait_for("all of them", |event| event["type"] == "message_restored" && event["message"]["id"] == ids[24])
        .await;
}

#[tokio::test]
async fn it_is_too_late_after_a_day_and_an_ended_session_makes_no_difference() {
    let evening = "2026-01-05T19:30:00-05:00".parse().expect("a time");
    let world = World::at(evening, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let ids = [sent(&bob, "one").await, sent(&bob, "two").await];
    let mut entries = Vec::new();
    for id in ids {
        entries.push(act(&mona, &json!({"action": "delete", "message_ids": [id]})).await.ok());
    }
    world.pass(10 * 3600);
    world.housekeep().await;
    let elsewhere = world.user_with(Claims {
        sub: "elsewhere".to_owned(),
        roles: vec!["moderator".to_owned()],
        sessions: vec!["7".into()],
        ..Claims::default()
    });
    let (status, _) = act(&elsewhere, &restore(&entries[0])).await.problem();
    assert!([403, 404].contains(&status), "{status}");
    assert_eq!(act(&mona, &restore(&entries[0])).await.ok()["session_id"], 1);
    let page = bob.get("messages?session_id=1").await.ok();
    assert_eq!((&page["messages"][0]["message"], page["messages"].as_array().map(Vec::len)), (&json!("one"), Some(1)));
    world.pass(14 * 3600);
    assert_eq!(act(&mona, &restore(&entries[1])).await.problem(), (409, "conflict".to_owned()));
    let note = act(&mona, &json!({"action": "note", "user_id": "bob", "text": "seen"})).await.ok();
    assert_eq!(act(&mona, &restore(&note)).await.problem(), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn what_a_purge_covers_stays_gone_and_so_it_does_when_the_purge_has_left_the_row() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut viewer = world.user("viewer").connect().await;
    let ids = [sent(&bob, "secret one").await, sent(&bob, "secret two").await];
    viewer.until_messages(2).await;
    let first = act(&mona, &json!({"action": "delete", "message_ids": [ids[0]]})).await.ok();
    let purge = act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    act(&mona, &restore(&first)).await.ok();
    viewer.next("user_purged").await;
    assert_eq!(shown(&bob).await, Vec::<Value>::new());
    world.user("ann").send("the end").await.ok();
    viewer.wait_for("the end", |event| event["message"]["message"] == "the end").await;
    assert!(viewer.kinds().all(|kind| kind != "message_restored"), "{:?}", viewer.events);
    let seen = mona.get(&format!("moderation/messages/{}", ids[0])).await.ok();
    assert_eq!(seen["state"], "purged");
    act(&mona, &restore(&purge)).await.ok();
    assert_eq!(shown(&bob).await, ["secret one", "secret two", "the end"], "and with the purge it comes back");

    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    world.pass(20 * 3600);
    let second = act(&mona, &json!({"action": "delete", "message_ids": [ids[1]]})).await.ok();
    world.pass(6 * 3600);
    world.housekeep().await;
    world.housekeep().await;
    assert_eq!(act(&mona, &restore(&second)).await.problem(), (409, "conflict".to_owned()));
    assert_eq!(shown(&bob).await, ["the end"]);
}

#[tokio::test]
async fn a_message_that_reports_had_hidden_stands_again() {
    let world = World::with(&[("LIVE_CHAT_HIDE_AT_REPORTS", "2")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut viewer = world.user("viewer").connect().await;
    let id = sent(&bob, "disputed").await;
    viewer.until_messages(1).await;
    for user in ["rita", "ruth"] {
        let body = json!({"reason": "hate"}).to_string();
        world.user(user).call(reqwest::Method::POST, &format!("report-message/{id}"), Some(body)).await.ok();
    }
    viewer.next("message_deleted").await;
    mona.delete(&format!("messages/{id}")).await.ok();
    assert_eq!(mona.get("moderation/reports").await.ok()["reports"], json!([]));
    act(&mona, &restore(&newest(&mona, "delete").await)).await.ok();
    assert_eq!(viewer.next("message_restored").await["message"]["message"], "disputed");
    assert_eq!(shown(&bob).await, ["disputed"]);
    let reports = mona.get("moderation/reports").await.ok()["reports"].clone();
    assert_eq!((&reports[0]["message_id"], &reports[0]["hidden"]), (&json!(id), &json!(false)));
    act(&mona, &json!({"action": "dismiss_reports", "message_id": id})).await.ok();
    assert_eq!(shown(&bob).await, ["disputed"]);
}

#[tokio::test]
async fn a_wake_up_for_the_deletion_that_comes_again_tells_what_is_true() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut viewer = world.user("viewer").connect().await;
    let id = sent(&bob, "one").await;
    viewer.until_messages(1).await;
    let entry = act(&mona, &json!({"action": "delete", "message_ids": [id]})).await.ok();
    viewer.next("message_deleted").await;
    act(&mona, &restore(&entry)).await.ok();
    viewer.next("message_restored").await;
    let again = WakeUp::of_topic(Topic::Deletion(MessageId::new(1, 1)));
    world.store().wake(1, again, world.clock.now()).await.expect("the table answers");
    let told = |event: &Value| ["message_deleted", "message_restored"].iter().any(|kind| event["type"] == *kind);
    assert_eq!(viewer.wait_for("what became of the message", told).await["type"], "message_restored");
}

#[tokio::test]
async fn a_shadowed_message_is_kept_and_comes_back_shadowed() {
    let world = World::start().await;
    let (mona, bob, ann) = (moderator(&world), world.user("bob"), world.user("ann"));
    let mut viewer = ann.connect().await;
    act(&mona, &json!({"action": "shadow_ban", "user_id": "bob"})).await.ok();
    let id = sent(&bob, "secret").await;
    let state = async || mona.get(&format!("moderation/messages/{id}")).await.ok();
    let seen = state().await;
    assert_eq!((&seen["state"], &seen["message"]["message"]), (&json!("shadowed"), &json!("secret")));
    let entry = act(&mona, &json!({"action": "delete", "message_ids": [id]})).await.ok();
    assert_eq!((&state().await["state"], shown(&bob).await), (&json!("deleted"), vec![]));
    act(&mona, &restore(&entry)).await.ok();
    assert_eq!(state().await["state"], "shadowed");
    assert_eq!(
        (shown(&bob).await, shown(&mona).await, shown(&ann).await),
        (vec![json!("secret")], vec![json!("secret")], vec![])
    );
    let purge = act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    assert_eq!(purge["action"], "purge");
    world.pass(26 * 3600);
    world.housekeep().await;
    world.housekeep().await;
    let seen = state().await;
    assert_eq!((&seen["state"], &seen["message"]["message"]), (&json!("purged"), &json!("secret")));
    assert_eq!((shown(&bob).await, shown(&mona).await), (vec![], vec![]));
    sent(&world.user("eve"), "the end").await;
    viewer.wait_for("the end", |event| event["message"]["message"] == "the end").await;
    assert!(!Value::Array(viewer.events.clone()).to_string().contains("secret"), "{:?}", viewer.events);
}
