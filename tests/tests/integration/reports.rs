//! Reports of messages: each user counts once, staff hear of them and list them.

mod hiding;
mod list;
mod trouble;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

/// A moderator.
fn moderator(world: &World) -> User {
    let claims = Claims { sub: "mona".to_owned(), roles: vec!["moderator".to_owned()], ..Claims::default() };
    world.user_with(claims)
}

/// Acts.
async fn act(actor: &User, body: &Value) -> Answer {
    actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await
}

/// Reports a message.
async fn report(user: &User, id: u64, reason: &str) -> Answer {
    report_as(user, id, &json!({"reason": reason})).await
}

/// Reports a message with any body.
async fn report_as(user: &User, id: u64, body: &Value) -> Answer {
    user.call(Method::POST, &format!("report-message/{id}"), Some(body.to_string())).await
}

/// So many users.
fn crowd(world: &World, users: usize) -> Vec<User> {
    (0..users).map(|nth| world.user(&format!("user{nth}"))).collect()
}

/// The list of reports.
async fn listed(staff: &User) -> Vec<Value> {
    staff.get("moderation/reports").await.ok()["reports"].as_array().expect("a list").clone()
}

/// The message that bob sends.
async fn sent_by_bob(world: &World, text: &str) -> u64 {
    world.user("bob").send(text).await.ok()["message_id"].as_u64().expect("an id")
}

/// The numbers that a socket heard in notices of reports, until it hears of so many.
async fn told_until(staff: &mut Socket, last: u64) -> Vec<u64> {
    staff.wait_for("the last number", |event| event["type"] == "message_reported" && event["reports"] == last).await;
    let notices = staff.events.iter().filter(|event| event["type"] == "message_reported");
    notices.map(|event| event["reports"].as_u64().expect("a number")).collect()
}

#[tokio::test]
async fn a_report_counts_once_for_each_user_and_staff_hear_of_it() {
    let world = World::start().await;
    let (ann, mona) = (world.user("ann"), moderator(&world));
    let id = sent_by_bob(&world, "buy this").await;
    let (mut staff, mut viewer) = (mona.connect().await, world.user("bob").connect().await);
    let first = report_as(&ann, id, &json!({"reason": "spam", "comment": "a false shop", "later": true})).await.ok();
    let report_id = first["report_id"].clone();
    let expected =
        json!({"message": "Message reported", "message_id": id, "report_id": report_id, "already_reported": false});
    assert_eq!(first, expected);
    let expected = json!({"message": "Message already reported", "message_id": id, "report_id": report_id, "already_reported": true});
    for reason in ["spam", "hate"] {
        assert_eq!(report(&ann, id, reason).await.ok(), expected, "{reason}");
    }
    report(&world.user("eve"), id, "hate").await.ok();
    report(&world.user("dan"), id, "hate").await.ok();
    assert_eq!(told_until(&mut staff, 3).await, [1, 2, 3]);
    let last = staff.events.iter().rfind(|event| event["type"] == "message_reported").expect("a notice");
    assert_eq!((&last["message_id"], &last["reasons"]), (&json!(id), &json!(["hate", "spam"])));
    let all = listed(&mona).await;
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0]["reports"], &all[0]["reasons"]), (&json!(3), &json!({"spam": 1, "hate": 2})));
    // A viewer hears of none of it, not even the author.
    world.user("ann").send("the end").await.ok();
    viewer.wait_for("the end", |event| event["message"]["message"] == "the end").await;
    assert!(viewer.kinds().all(|kind| kind != "message_reported"), "{:?}", viewer.events);
    assert_eq!(ann.get("messages").await.ok()["messages"][0]["message"], "buy this");
    // Who, why, and in which words.
    let row = world.chat_row(&format!("report#{id}"), "by#ann").await;
    assert_eq!((&row["reason"], &row["comment"]), (&json!("spam"), &json!("a false shop")));
    assert_eq!((&row["report_id"], &row["username"]), (&report_id, &json!("Name of ann")));
}

#[tokio::test]
async fn what_cannot_be_reported_is_refused_and_leaves_nothing() {
    let world = World::start().await;
    let (ann, bob, mona) = (world.user("ann"), world.user("bob"), moderator(&world));
    let (one, two, three) =
        (sent_by_bob(&world, "one").await, sent_by_bob(&world, "two").await, sent_by_bob(&world, "three").await);
    let kept = ann.send("kept").await.ok()["message_id"].as_u64().expect("an id");
    for (body, named) in [
        (json!({}), "reason"),
        (json!({"reason": "rude"}), "self_harm"),
        (json!({"reason": 7}), "reason"),
        (json!({"reason": "spam", "comment": "x".repeat(501)}), "comment"),
        (json!({"reason": "spam", "comment": ["x"]}), "comment"),
        (json!(["spam"]), "JSON object"),
    ] {
        let refused = report_as(&ann, one, &body).await;
        assert!(refused.json["detail"].as_str().expect("a sentence").contains(named), "{body}: {}", refused.text);
        assert_eq!(refused.problem(), (400, "invalid_request".to_owned()), "{body}");
    }
    assert_eq!(report(&bob, one, "spam").await.problem(), (403, "forbidden".to_owned()), "one's own");
    bob.delete(&format!("messages/{one}")).await.ok();
    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    for gone in [one, two, three, 100_009_999, 900_000_001, 1] {
        assert_eq!(report(&ann, gone, "spam").await.problem(), (404, "not_found".to_owned()), "{gone}");
    }
    let watcher = world.user_with(Claims {
        sub: "watcher".to_owned(),
        capabilities: vec!["read".to_owned(), "react".to_owned()],
        ..Claims::default()
    });
    assert_eq!(report(&watcher, kept, "spam").await.problem(), (403, "forbidden".to_owned()));
    let elsewhere =
        world.user_with(Claims { sub: "elsewhere".to_owned(), sessions: vec!["7".into()], ..Claims::default() });
    assert_eq!(report(&elsewhere, kept, "spam").await.problem(), (403, "forbidden".to_owned()));
    for (action, code) in [
        (json!({"action": "timeout", "user_id": "bob", "seconds": 60}), "timed_out"),
        (json!({"action": "ban", "user_id": "bob"}), "banned"),
    ] {
        act(&mona, &action).await.ok();
        assert_eq!(report(&bob, kept, "spam").await.problem(), (403, code.to_owned()));
    }
    assert_eq!(listed(&mona).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_user_reports_at_most_twenty_messages_an_hour() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut ids = Vec::new();
    for nth in 0..22 {
        ids.push(sent_by_bob(&world, &format!("message {nth}")).await);
    }
    report(&ann, ids[0], "spam").await.ok();
    world.pass(60);
    // At the same time, and each of them twice.
    let answers = join_all(ids[1..20].iter().chain(&ids[1..20]).map(|id| report(&ann, *id, "spam"))).await;
    let report_ids: BTreeSet<String> = answers.into_iter().map(|answer| answer.ok()["report_id"].to_string()).collect();
    assert_eq!(report_ids.len(), 19, "a repeat has the id of the first");
    let refused = report(&ann, ids[20], "spam").await;
    let wait: u64 = refused.headers["retry-after"].to_str().expect("digits").parse().expect("seconds");
    assert!((3400..=3540).contains(&wait), "{wait} s");
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    assert_eq!(report(&ann, ids[3], "spam").await.ok()["already_reported"], true, "a repeat passes");
    report(&world.user("eve"), ids[20], "spam").await.ok();
    world.pass(3540);
    report(&ann, ids[20], "spam").await.ok();
    assert_eq!(report(&ann, ids[21], "spam").await.status, 429);
}

#[tokio::test]
async fn thirty_users_who_report_at_once_are_thirty_reports() {
    let world = World::start().await;
    let mona = moderator(&world);
    let mut staff = mona.connect().await;
    let id = sent_by_bob(&world, "everybody hates this").await;
    let users = crowd(&world, 30);
    let reasons = ["spam", "hate", "other"];
    let reports = users.iter().zip(reasons.iter().cycle()).map(|(user, reason)| report(user, id, reason));
    for answer in join_all(reports).await {
        assert_eq!(answer.ok()["already_reported"], false);
    }
    let all = listed(&mona).await;
    assert_eq!(
        (&all[0]["reports"], &all[0]["reasons"]),
        (&json!(30), &json!({"spam": 10, "hate": 10, "other": 10})),
        "{all:?}"
    );
    // Each number that was told was true at its time, and there are few of them.
    for answer in join_all((30..50).map(|nth| {
        let user = world.user(&format!("user{nth}"));
        async move { report(&user, id, "spam").await }
    }))
    .await
    {
        answer.ok();
    }
    let told = told_until(&mut staff, 50).await;
    assert!(told.len() <= 8 && told.windows(2).all(|pair| pair[0] < pair[1]), "{told:?}");
}

#[tokio::test]
async fn a_message_of_an_ended_session_is_reported_until_it_expires() {
    let evening = "2026-01-05T19:30:00-05:00".parse().expect("a time");
    let settings = [("LIVE_CHAT_SCHEDULE", "daily"), ("LIVE_CHAT_RETENTION_DAYS", "1")];
    let world = World::at(evening, &settings).await;
    let (ann, mona) = (world.user("ann"), moderator(&world));
    let id = sent_by_bob(&world, "late").await;
    world.pass(10 * 3600);
    world.housekeep().await;
    assert_eq!(world.user("bob").send("too late").await.problem(), (403, "chat_not_active".to_owned()));
    report(&ann, id, "spam").await.ok();
    let list = mona.get(&format!("moderation/reports?session_id={}", id / 100_000_000)).await.ok();
    assert_eq!(list["reports"][0]["message_id"], id, "{list}");
    world.pass(24 * 3600);
    assert_eq!(report(&world.user("eve"), id, "spam").await.problem(), (404, "not_found".to_owned()));
}
