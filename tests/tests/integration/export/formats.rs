//! What each format has of a session in which everything happened.

use reqwest::Method;
use serde_json::{Value, json};
use tests::rest::User;
use tests::world::World;

use super::{act, checked, next, outline, page, pages, say, sha256, text_of, until_final};

/// A session with one message of each fate. Times are a second apart.
async fn eventful(world: &World) -> (User, User) {
    let (hans, ann, bob) = (world.user_as("hans", "host"), world.user("ann"), world.user("bob"));
    say(world, &ann, "1: stands, =not a formula").await;
    world.pass(1);
    let taken_back = say(world, &ann, "2: taken back by its author").await;
    let deleted = say(world, &bob, "3: deleted by staff").await;
    world.pass(1);
    assert_eq!(ann.delete(&format!("messages/{taken_back}")).await.status, 200);
    act(&hans, json!({"action": "delete", "message_ids": [deleted], "reason": "rude"})).await;
    world.pass(1);
    let event = json!({"name": "goal", "attributes": {"team": "red"}}).to_string();
    hans.call(Method::POST, "events", Some(event)).await.ok();
    say(world, &bob, "5: purged").await;
    act(&hans, json!({"action": "purge", "user_id": "bob"})).await;
    act(&hans, json!({"action": "shadow_ban", "user_id": "mallory"})).await;
    world.pass(1);
    let shadowed = world.user("mallory").send("7: shadowed").await.ok()["message_id"].as_u64().expect("an id");
    act(&hans, json!({"action": "set_modes", "modes": {"review_all": true}})).await;
    assert_eq!(ann.send("held, never in an export").await.status, 202);
    let reply = json!({"message": "8: <b>stands</b>\n\n\n& replies", "reply_to": 100_000_001}).to_string();
    let last = hans.call(Method::POST, "send-message", Some(reply)).await.ok()["message_id"].as_u64();
    assert_eq!((shadowed, last), (100_000_007, Some(100_000_008)));
    until_final(world, 8).await;
    (hans, ann)
}

#[tokio::test]
async fn an_export_tells_what_became_of_every_number_and_who_acted() {
    let world = World::start().await;
    let (hans, _) = eventful(&world).await;
    let all = pages(&hans, "").await;
    let (records, end) = checked(&all);
    let told: Vec<(String, u64, String)> = outline(&records);
    let of = |r#type: &str, seq, state: &str| (r#type.to_owned(), seq, state.to_owned());
    assert_eq!(
        told,
        [
            of("session", 0, ""),
            of("message", 1, "standing"),
            of("deletion", 2, "deleted"),
            of("deletion", 3, "deleted"),
            of("action", 3, "delete"),
            of("event", 4, ""),
            of("deletion", 5, "purged"),
            of("action", 5, "purge"),
            of("user_purged", 6, ""),
            of("action", 6, "shadow_ban"),
            of("message", 7, "shadowed"),
            of("action", 7, "set_modes"),
            of("message", 8, "standing"),
        ]
    );
    assert_eq!((&end["up_to_seq"], &end["state"]), (&json!(8), &json!("open")));
    assert!(records[2]["gone_at"].as_str() > records[2]["at"].as_str(), "{}", records[2]);
    assert_eq!((&records[6]["gone_at"], &records[2]["message"]), (&Value::Null, &Value::Null));
    assert_eq!((&records[2]["user_id"], &records[2]["message_id"]), (&json!("ann"), &json!(100_000_002)));
    assert_eq!(records[4]["action"]["reason"], "rude");
    assert!(records[5]["at"].is_string() && records[8]["at"].is_string(), "numbered events have a time");
    assert_eq!(records[12]["message"]["reply_to"]["excerpt"], "1: stands, =not a formula");
    let text = text_of(&all);
    for gone in ["taken back", "deleted by staff", "5: purged", "held, never"] {
        assert!(!text.contains(gone), "{gone} is gone");
    }
    // The headers tell how far it has come.
    let last = all.last().expect("a page");
    assert_eq!([&last.headers["export-read-to"], &last.headers["export-up-to"]], ["8", "8"]);
    assert!(next(last).is_none());
}

#[tokio::test]
async fn texts_of_messages_that_are_gone_come_if_they_are_asked_for_and_held_ones_never_do() {
    let world = World::start().await;
    let (hans, _) = eventful(&world).await;
    let (records, _) = checked(&pages(&hans, "include_deleted=true").await);
    let texts: Vec<&str> = records.iter().filter_map(|record| record["message"]["message"].as_str()).collect();
    let begins = |text: &&str| text.split(':').next().unwrap_or_default().to_owned();
    assert_eq!(texts.iter().map(begins).collect::<Vec<_>>(), ["1", "2", "3", "5", "7", "8"], "{texts:?}");
}

#[tokio::test]
async fn an_export_of_one_user_answers_an_access_request() {
    let world = World::start().await;
    let (hans, _) = eventful(&world).await;
    let (records, _) = checked(&pages(&hans, "user_id=bob&include_deleted=true").await);
    let of = |r#type: &str, seq, state: &str| (r#type.to_owned(), seq, state.to_owned());
    // Bob's messages, the purge of them, and the act that named him. A deletion names messages, and nobody.
    assert_eq!(
        outline(&records),
        [
            of("session", 0, ""),
            of("deletion", 3, "deleted"),
            of("deletion", 5, "purged"),
            of("action", 5, "purge"),
            of("user_purged", 6, "")
        ]
    );
    let (records, _) = checked(&pages(&hans, "user_id=nobody").await);
    assert_eq!(records.len(), 1);
}

#[tokio::test]
async fn a_table_has_a_row_for_each_record_and_no_formula() {
    let world = World::start().await;
    let (hans, _) = eventful(&world).await;
    hans.send("=HYPERLINK(\"https://evil.example\")").await.ok();
    until_final(&world, 9).await;
    let all = pages(&hans, "format=csv").await;
    let text = text_of(&all);
    assert_eq!(all[0].headers["content-type"], "text/csv");
    assert_eq!(all.last().expect("a page").headers["export-sha256"], sha256(&text));
    assert!(text.starts_with("type,seq,at,id,user_id,username,message_type,text,state,gone_at,likes,details\r\n"));
    assert!(text.contains(",\"'=HYPERLINK(\"\"https://evil.example\"\")\",standing,"), "{text}");
    assert!(text.contains("\"8: <b>stands</b>\n\n\n& replies\""), "{text}");
    let rows = text.matches("\r\n").count();
    assert_eq!(rows, 1 + 13, "the header, twelve records, and the last message: {text}");
}

#[tokio::test]
async fn subtitles_have_what_viewers_see_from_the_start_on() {
    let world = World::start().await;
    let (hans, _) = eventful(&world).await;
    let all = pages(&hans, "format=vtt").await;
    let text = text_of(&all);
    assert_eq!(all[0].headers["content-type"], "text/vtt");
    assert_eq!(all.last().expect("a page").headers["export-sha256"], sha256(&text));
    let cues: Vec<&str> = text.strip_prefix("WEBVTT\n\n").expect("the header").split_terminator("\n\n").collect();
    assert_eq!(cues.len(), 2, "{text}");
    assert!(
        cues[0].starts_with("1\n00:00:") && cues[0].ends_with("<v Name of ann>1: stands, =not a formula"),
        "{text}"
    );
    assert!(cues[1].ends_with("<v Name of hans>8: &lt;b&gt;stands&lt;/b&gt;\n&amp; replies"), "{text}");
    // From the second message's time on, as the recording may have begun.
    let (records, _) = checked(&pages(&hans, "").await);
    let start = records[12]["at"].as_str().expect("a time").replace('+', "%2B");
    let later = text_of(&pages(&hans, &format!("format=vtt&start={start}")).await);
    assert!(later.starts_with("WEBVTT\n\n8\n00:00:00.000 --> "), "{later}");
}

#[tokio::test]
async fn an_ended_session_is_exported_the_morning_after() {
    let world = World::start().await;
    let (hans, ann) = (world.user_as("hans", "host"), world.user("ann"));
    say(&world, &ann, "good night").await;
    hans.call(Method::POST, "sessions/1/end", Some("{}".to_owned())).await.ok();
    world.housekeep().await;
    world.pass(12 * 3600);
    act(&world.user_as("hans", "host"), json!({"action": "purge", "user_id": "ann", "session_id": 1})).await;
    let (records, end) = checked(&pages(&hans, "").await);
    assert_eq!(end["state"], "ended");
    let states: Vec<String> = outline(&records).into_iter().map(|(_, _, state)| state).collect();
    assert_eq!(states, ["", "purged", "end_session", "purge"]);
    // The next export begins where this one ended: with what was done since.
    let since = page(&hans, "after=1").await;
    let (records, end) = checked(&[since]);
    let acts: Vec<&Value> = records.iter().map(|record| &record["action"]["action"]).collect();
    assert_eq!((acts, &end["up_to_seq"]), (vec![&Value::Null, &json!("end_session"), &json!("purge")], &json!(1)));
}
