//! What is kept of a message that is gone: staff read it, and no viewer gets anything of it.

mod original;

use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::{act, moderator};

/// A world in which two reports hide a message.
async fn strict(settings: &[(&str, &str)]) -> World {
    let all: Vec<_> = [("LIVE_CHAT_HIDE_AT_REPORTS", "2")].iter().chain(settings).copied().collect();
    World::with(&all).await
}

/// Sends a message; returns its id.
async fn sent(author: &User, text: &str) -> u64 {
    author.send(text).await.ok()["message_id"].as_u64().expect("an id")
}

/// Reports a message.
async fn report(world: &World, user: &str, id: u64, comment: &str) {
    let body = json!({"reason": "hate", "comment": comment}).to_string();
    world.user(user).call(Method::POST, &format!("report-message/{id}"), Some(body)).await.ok();
}

/// What staff see of a message.
async fn kept(reader: &User, id: u64) -> Value {
    reader.get(&format!("moderation/messages/{id}")).await.ok()
}

/// The names of the acts on a message, the newest first.
fn acts(kept: &Value) -> Vec<&str> {
    kept["entries"].as_array().expect("entries").iter().filter_map(|entry| entry["action"].as_str()).collect()
}

/// The row of a message of session 1.
async fn row(world: &World, id: u64) -> std::collections::BTreeMap<String, Value> {
    world.chat_row("messages#1", &format!("{:08}", id % 100_000_000)).await
}

/// Everything that a viewer can be told from now on, as text.
async fn all_that_viewers_get(world: &World) -> String {
    let (late, mut all) = (world.user("late"), String::new());
    let mut socket = late.connect().await;
    for after in [0, 1, 3] {
        all += &socket.ask(&json!({"type": "resume", "after": after})).await.to_string();
    }
    let pages = ["messages?mine=true", "messages?after=100000000", "messages?before=100000099", "messages?limit=1"];
    for path in pages.iter().chain(&["status", "stats", "likes", "viewers"]) {
        all += &late.get(path).await.ok().to_string();
    }
    for id in 100_000_001..=100_000_005 {
        let body = json!({"reason": "spam"}).to_string();
        all += &late.call(Method::POST, &format!("report-message/{id}"), Some(body)).await.text;
        all += &late.post(&format!("like-message/{id}")).await.text;
    }
    sent(&late, "the end").await;
    socket.wait_for("the end", |event| event["message"]["message"] == "the end").await;
    all + &Value::Array(socket.events.clone()).to_string()
}

#[tokio::test]
async fn viewers_get_nothing_of_what_is_gone_and_staff_read_all_of_it() {
    let world = strict(&[]).await;
    let (mona, ann) = (moderator(&world), world.user("ann"));
    let picture = "https://example.com/secret.png".to_owned();
    let bob = world.user_with(Claims {
        sub: "bob".to_owned(),
        name: Some("Secret Bob".to_owned()),
        picture: Some(picture.clone()),
        badge: Some("secret badge".to_owned()),
        attributes: [("team".to_owned(), "secret team".to_owned())].into(),
        ..Claims::default()
    });
    let mut ids = Vec::new();
    for nth in 1..=5 {
        ids.push(sent(&bob, &format!("secret {nth}")).await);
    }
    sent(&ann, "harmless").await;
    bob.delete(&format!("messages/{}", ids[0])).await.ok();
    mona.delete(&format!("messages/{}", ids[1])).await.ok();
    act(&mona, &json!({"action": "delete", "message_ids": [ids[2]]})).await.ok();
    for reporter in ["rita", "ruth"] {
        report(&world, reporter, ids[3], "look").await;
    }
    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    let all = all_that_viewers_get(&world).await.to_lowercase();
    assert!(all.contains("harmless") && !all.contains("secret"), "{all}");

    for (nth, (id, state, names)) in [
        (ids[0], "deleted", vec!["purge"]),
        (ids[1], "deleted", vec!["purge", "delete"]),
        (ids[2], "deleted", vec!["purge", "delete"]),
        (ids[3], "purged", vec!["purge", "hide"]),
        (ids[4], "purged", vec!["purge"]),
    ]
    .into_iter()
    .enumerate()
    {
        let seen = kept(&mona, id).await;
        assert_eq!((&seen["state"], acts(&seen)), (&json!(state), names), "{seen}");
        let message = &seen["message"];
        assert_eq!(message["message"], format!("secret {}", nth + 1));
        assert_eq!((&message["username"], &message["profile_pic"]), (&json!("Secret Bob"), &json!(picture)));
        assert_eq!(
            (&message["badge"], &message["attributes"]["team"]),
            (&json!("secret badge"), &json!("secret team"))
        );
        assert_eq!(
            (&seen["message_id"], &seen["user_id"], &seen["original_text"]),
            (&json!(id), &json!("bob"), &Value::Null)
        );
    }
    for id in &ids[..3] {
        let row = row(&world, *id).await;
        assert!(!row.contains_key("text") && row["deleted"] == true && row.contains_key("deleted_text"), "{row:?}");
    }
}

#[tokio::test]
async fn a_message_is_read_in_its_own_session_and_in_no_other() {
    let evening = "2026-01-05T19:30:00Z".parse().expect("a time");
    let world = World::at(evening, &[("LIVE_CHAT_SCHEDULE", "daily"), ("DRAW_TIMEZONE", "UTC")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let id = sent(&bob, "yesterday").await;
    world.pass(24 * 3600);
    sent(&bob, "today").await;
    let read = async |query: &str| mona.get(&format!("moderation/messages/{id}{query}")).await;
    assert_eq!(read("").await.ok()["message_id"], id);
    assert_eq!(read("?session_id=1").await.ok()["message_id"], id);
    for (query, expected) in [
        ("?session_id=2", (404, "not_found")),
        ("?session_id=90071992", (404, "not_found")),
        ("?session_id=1.0", (400, "invalid_request")),
    ] {
        let (status, code) = read(query).await.problem();
        assert_eq!((status, code.as_str()), expected, "{query}");
    }
}

#[tokio::test]
async fn a_message_has_its_state_its_acts_and_its_reports() {
    let world = strict(&[]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let auditor = world.user_with(Claims {
        sub: "auditor".to_owned(),
        capabilities: vec!["audit".to_owned()],
        ..Claims::default()
    });
    let id = sent(&bob, "disputed").await;
    let seen = kept(&auditor, id).await;
    assert_eq!((&seen["state"], &seen["entries"], &seen["reports"]), (&json!("standing"), &json!([]), &json!([])));
    assert_eq!(seen["message"], mona.get("messages").await.ok()["messages"][0], "as its readers see it");
    report(&world, "rita", id, "look").await;
    report(&world, "ruth", id, " there ").await;
    let seen = kept(&mona, id).await;
    assert_eq!((&seen["state"], acts(&seen)), (&json!("hidden"), vec!["hide"]));
    let reports: Vec<[&Value; 4]> = seen["reports"]
        .as_array()
        .expect("reports")
        .iter()
        .map(|report| [&report["user_id"], &report["username"], &report["reason"], &report["comment"]])
        .collect();
    let expected = ["rita", "ruth"].map(|user| json!(user));
    assert_eq!(reports.iter().map(|report| report[0].clone()).collect::<Vec<_>>(), expected);
    assert_eq!(reports[1][1..], [&json!("Name of ruth"), &json!("hate"), &json!("there")]);
    assert!(seen["reports"][0]["at"].is_string() && seen["reports"][0]["report_id"].is_string());
    act(&mona, &json!({"action": "dismiss_reports", "message_id": id})).await.ok();
    let seen = kept(&mona, id).await;
    assert_eq!((&seen["state"], acts(&seen)), (&json!("standing"), vec!["dismiss_reports", "hide"]));
    act(&mona, &json!({"action": "clear"})).await.ok();
    let seen = kept(&mona, id).await;
    assert_eq!((&seen["state"], acts(&seen)), (&json!("purged"), vec!["clear", "dismiss_reports", "hide"]));
    let another = sent(&bob, "another").await;
    assert_eq!(acts(&kept(&mona, another).await), Vec::<&str>::new(), "of this message alone");
}

#[tokio::test]
async fn what_is_no_message_is_not_there_and_other_sessions_are_out_of_reach() {
    let evening = "2026-01-05T19:30:00-05:00".parse().expect("a time");
    let settings = [("LIVE_CHAT_SCHEDULE", "daily"), ("LIVE_CHAT_RETENTION_DAYS", "1")];
    let world = World::at(evening, &settings).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let id = sent(&bob, "late").await;
    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    for (id, refusal) in [
        ("100000002", (404, "not_found")),
        ("100000099", (404, "not_found")),
        ("9900000001", (404, "not_found")),
        ("x", (400, "invalid_request")),
        ("1.5", (400, "invalid_request")),
    ] {
        let (status, code) = mona.get(&format!("moderation/messages/{id}")).await.problem();
        assert_eq!((status, code.as_str()), refusal, "{id}");
    }
    let elsewhere = world.user_with(Claims {
        sub: "elsewhere".to_owned(),
        roles: vec!["moderator".to_owned()],
        sessions: vec!["7".into()],
        ..Claims::default()
    });
    for reader in [&elsewhere, &bob] {
        let refused = reader.get(&format!("moderation/messages/{id}")).await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    }
    world.pass(10 * 3600);
    world.housekeep().await;
    assert_eq!(kept(&mona, id).await["state"], "purged", "its session has ended");
    world.pass(24 * 3600);
    let expired = mona.get(&format!("moderation/messages/{id}")).await;
    assert_eq!(expired.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn texts_that_a_purge_covers_stay_for_staff_when_they_leave_the_log() {
    let world = strict(&[]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let ids = [sent(&bob, "secret one").await, sent(&bob, "secret two").await];
    for reporter in ["rita", "ruth"] {
        report(&world, reporter, ids[1], "look").await;
    }
    act(&mona, &json!({"action": "purge", "user_id": "bob"})).await.ok();
    world.pass(26 * 3600);
    // The first call moves the texts, the second one the act out of the row.
    world.housekeep().await;
    world.housekeep().await;
    for (id, names) in ids.iter().zip([vec!["purge"], vec!["purge", "hide"]]) {
        let row = row(&world, *id).await;
        assert!(!row.contains_key("text") && !row.contains_key("hidden_text"), "{row:?}");
        let seen = kept(&mona, *id).await;
        assert_eq!((&seen["state"], acts(&seen)), (&json!("purged"), names), "{seen}");
        assert!(seen["message"]["message"].as_str().expect("a text").starts_with("secret"), "{seen}");
    }
    // Nothing covers them any more, and still they are no messages: to reports, to the card, to the broadcast.
    for id in ids {
        let body = json!({"reason": "spam"}).to_string();
        let refused = world.user("late").call(Method::POST, &format!("report-message/{id}"), Some(body)).await;
        assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    }
    assert_eq!(mona.get("moderation/users/bob").await.ok()["messages"], json!([]));
    let entries = world.store().entries_after(1, 0, 100, world.clock.now()).await.expect("the table answers");
    assert!(entries.iter().all(|entry| entry.as_message().is_none()), "{entries:?}");
    let all = all_that_viewers_get(&world).await;
    assert!(!all.contains("secret"), "{all}");
}

#[tokio::test]
async fn rows_of_which_older_versions_kept_no_text_are_read() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let ids = [sent(&bob, "deleted before").await, sent(&bob, "purged before").await];
    for (id, change) in
        ids.iter().zip(["SET deleted = :yes, deletion = :nonce", "SET changed_ms = :nonce, seen = :yes"])
    {
        use aws_sdk_dynamodb::types::AttributeValue::{Bool, N, S};
        let update = world.dynamodb().update_item().table_name("live-chat-chat");
        let update = update
            .key("pk", S("messages#1".to_owned()))
            .key("sk", S(format!("{:08}", id % 100_000_000)))
            .update_expression(format!("{change} REMOVE #text, username, profile_pic, badge, client_message_id"))
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":yes", Bool(true))
            .expression_attribute_values(":nonce", N("7".to_owned()));
        update.send().await.expect("the table takes it");
    }
    for (id, state) in ids.iter().zip(["deleted", "purged"]) {
        let seen = kept(&mona, *id).await;
        assert_eq!((&seen["state"], &seen["message"], &seen["user_id"]), (&json!(state), &Value::Null, &json!("bob")));
    }
    assert_eq!(bob.get("messages").await.ok()["messages"], json!([]));
}
