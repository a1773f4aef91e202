//! The list of terms: put, read and tested, in force for every session, and never half of it.

mod stored;

use std::time::Instant;

use futures_util::future::join_all;
use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use shared::domain::moderation::links::links;
use tests::answer::Answer;
use tests::proxy::Fate;
use tests::rest::User;
use tests::world::World;

use self::stored::write_list;
use super::{behind_a_proxy, host, moderator};

async fn put(actor: &User, list: &Value) -> Answer {
    actor.call(Method::PUT, "moderation/terms", Some(list.to_string())).await
}

async fn test(actor: &User, text: &str) -> Value {
    actor.call(Method::POST, "moderation/terms/test", Some(json!({"text": text}).to_string())).await.ok()
}

fn etag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().expect("text").to_owned()
}

fn word(term: &str) -> Value {
    json!({"terms": [{"term": term, "match": "word", "action": "block"}], "allow": [], "link_domains": []})
}

/// The terms of the list, as they are read now.
async fn terms(reader: &User) -> Vec<String> {
    let list = reader.get("moderation/terms").await.ok();
    list["terms"]
        .as_array()
        .expect("terms")
        .iter()
        .map(|term| term["term"].as_str().expect("text").to_owned())
        .collect()
}

/// The versions that a session's row names: of its list, and of its rules.
async fn versions(world: &World) -> [u64; 2] {
    let row = world.chat_row("session#1", "session").await;
    ["terms_version", "rules_version"].map(|name| row.get(name).and_then(Value::as_u64).unwrap_or_default())
}

#[tokio::test]
async fn a_list_is_put_read_and_tested() {
    let world = World::start().await;
    let (mona, hans) = (moderator(&world), host(&world));
    let empty = mona.get("moderation/terms").await;
    assert_eq!((etag(&empty), empty.ok()), ("\"0\"".to_owned(), json!({"terms": [], "allow": [], "link_domains": []})));
    let list = json!({
        "terms": [
            {"term": "idiot", "match": "word", "action": "block", "explanation": "Be kind"},
            {"term": "b[ou]y now", "match": "regex", "action": "hold"},
        ],
        "allow": ["idiot savant"],
        "link_domains": ["example.com"],
    });
    let answer = put(&hans, &list).await;
    assert_eq!(etag(&answer), "\"1\"");
    let entry = answer.ok();
    assert_eq!(entry["changes"], json!({"version": 1, "terms": 2, "allow": 1, "link_domains": 1}));
    assert_eq!((&entry["action"], &entry["actor"]["user_id"]), (&json!("put_terms"), &json!("hans")));
    let read = mona.get("moderation/terms").await;
    assert_eq!((etag(&read), read.ok()), ("\"1\"".to_owned(), list));
    let log = mona.get("moderation/actions?action=put_terms").await;
    assert!(!log.text.contains("idiot"), "the words are not in the log: {}", log.text);
    assert_eq!(log.ok()["actions"], json!([entry]));

    let answer = test(&mona, "Ein 1D10T: Idiot Savant, BUY  now? https://www.example.com/a good.org").await;
    assert_eq!(answer["normalized"], "ein idiot idiot savant buy now https ww example com a good org");
    assert_eq!(answer["matches"], json!([{"term": "idiot", "match": "word", "action": "block", "start": 4, "end": 9}]));
    assert_eq!(
        answer["links"],
        json!([
            {"domain": "www.example.com", "start": 35, "end": 60, "allowed": true},
            {"domain": "good.org", "start": 61, "end": 69, "allowed": false},
        ])
    );
    assert_eq!(test(&mona, "boy now").await["matches"][0]["term"], "b[ou]y now");
    assert_eq!(test(&mona, "hello").await, json!({"normalized": "hello", "matches": [], "links": []}));
}

#[tokio::test]
async fn a_list_replaces_only_the_one_that_it_was_made_of() {
    let world = World::start().await;
    let hans = host(&world);
    let put_if = |term: &'static str, if_match: &'static str| {
        let hans = hans.clone();
        async move { hans.put_if("moderation/terms", word(term).to_string(), if_match).await }
    };
    assert_eq!(put_if("none", "*").await.problem(), (412, "precondition_failed".to_owned()), "there is no list yet");
    assert_eq!(etag(&put_if("one", "\"0\"").await), "\"1\"");
    assert_eq!(put_if("two", "\"0\"").await.problem(), (412, "precondition_failed".to_owned()));
    assert_eq!(put_if("two", "\"2\"").await.problem().0, 412);
    assert_eq!(terms(&hans).await, ["one"]);
    assert_eq!(etag(&put_if("two", "W/\"1\"").await), "\"2\"", "as CloudFront weakens it");
    assert_eq!(etag(&put_if("three", "*").await), "\"3\"");
    assert_eq!(etag(&put_if("four", "\"1\", \"3\"").await), "\"4\"");
    for malformed in ["4", "\"4", "x"] {
        assert_eq!(put_if("five", malformed).await.problem(), (400, "invalid_request".to_owned()), "{malformed}");
    }
    assert_eq!(terms(&hans).await, ["four"]);
    assert_eq!(etag(&put(&hans, &word("last")).await), "\"5\"", "without a condition the last one wins");
    let racing = join_all((0..6).map(|_| put_if("racing", "\"5\""))).await;
    let statuses = racing.iter().map(|answer| answer.status);
    assert_eq!(statuses.filter(|status| *status == 200).count(), 1, "one of those who build on the same list");
    let log = hans.get("moderation/actions?action=put_terms").await.ok();
    assert_eq!(log["actions"].as_array().map(Vec::len), Some(6), "each list has one entry");
}

#[tokio::test]
async fn lists_that_are_put_at_once_are_all_counted_and_none_is_mixed() {
    let world = World::start().await;
    let hans = host(&world);
    let lists = ["a", "b", "c", "d"].map(|letter| {
        let term = letter.repeat(200);
        json!({"terms": (0..900).map(|nth| json!({"term": format!("{term}{nth}"), "match": "word", "action": "mask"})).collect::<Vec<_>>()})
    });
    let tags = join_all(lists.iter().map(|list| put(&hans, list))).await;
    let mut tags: Vec<String> = tags.iter().map(etag).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["\"1\"", "\"2\"", "\"3\"", "\"4\""]);
    let read = terms(&hans).await;
    assert_eq!(read.len(), 900);
    assert!(read.iter().all(|term| term[..1] == read[0][..1]), "one list, in parts of several items");
    assert_eq!(versions(&world).await[0], 4);
}

#[tokio::test]
async fn what_cannot_be_a_list_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let (mona, hans, bob) = (moderator(&world), host(&world), world.user("bob"));
    put(&hans, &word("idiot")).await.ok();
    let regex = |term: &str| json!({"terms": [{"term": term, "match": "regex", "action": "block"}]});
    let many = |count: usize, kind: &str| {
        let term = json!({"term": "a", "match": kind, "action": "block"});
        json!({"terms": vec![term; count]})
    };
    for (list, status, detail) in [
        (json!([]), 400, "malformed"),
        (json!({"words": []}), 400, "unknown field `words`"),
        (json!({"terms": [{"term": "a", "match": "word", "action": "burn"}]}), 400, "terms[0]: unknown variant `burn`"),
        (json!({"allow": ["fine", ""]}), 400, "allow[1] is empty"),
        (json!({"link_domains": ["https://example.com"]}), 400, "link_domains[0] is no domain"),
        (regex("fine(a"), 400, "terms[0].term is no regular expression: at position 4: unclosed group"),
        (many(1001, "word"), 413, "terms has 1001 entries; at most 1000"),
        (many(51, "regex"), 413, "terms has 51 regular expressions; at most 50"),
        (json!({"allow": ["a".repeat(310 * 1024)]}), 413, "at most 307200"),
    ] {
        let answer = put(&hans, &list).await;
        assert_eq!(answer.status, status, "{detail}: {}", answer.text);
        let sentence = answer.json["detail"].as_str().unwrap_or_default();
        assert!(sentence.contains(detail), "{sentence}");
    }
    for body in [json!({}), json!({"text": ""}), json!({"text": 7}), json!({"text": "a".repeat(4_001)})] {
        let answer = mona.call(Method::POST, "moderation/terms/test", Some(body.to_string())).await;
        assert_eq!(answer.problem(), (400, "invalid_request".to_owned()), "{body}");
    }
    assert_eq!(put(&mona, &word("x")).await.json["detail"], "The token lacks the capability manage");
    assert_eq!(bob.get("moderation/terms").await.problem().0, 403);
    let limited = world.user_with(Claims {
        sub: "lena".to_owned(),
        roles: vec!["host".to_owned()],
        sessions: vec!["main".to_owned()],
        ..Claims::default()
    });
    assert_eq!(put(&limited, &word("x")).await.problem(), (403, "forbidden".to_owned()), "the list reaches beyond it");
    assert_eq!(terms(&limited).await, ["idiot"], "but it may read the list");
    let ban = json!({"action": "ban", "user_id": "mona"});
    super::act(&hans, &ban).await.ok();
    assert_eq!(mona.get("moderation/terms").await.problem(), (403, "banned".to_owned()));
    let answer = mona.call(Method::POST, "moderation/terms/test", Some(json!({"text": "a"}).to_string())).await;
    assert_eq!(answer.problem(), (403, "banned".to_owned()));
}

#[tokio::test]
async fn an_open_session_names_the_newest_list_from_the_answer_on_and_staff_hear_of_it() {
    let world = World::start().await;
    let (mona, hans, bob) = (moderator(&world), host(&world), world.user("bob"));
    bob.send("hello").await.ok();
    let (mut of_mona, mut of_bob) = (mona.connect().await, bob.connect().await);
    assert_eq!(versions(&world).await, [0, 0]);
    let entry = put(&hans, &word("one")).await.ok();
    assert_eq!(versions(&world).await, [1, 1], "what was judged by another list gets no number any more");
    assert_eq!(of_mona.next("moderation_action").await["action"], entry);
    put(&hans, &word("two")).await.ok();
    assert_eq!(versions(&world).await, [2, 2]);
    bob.send("goodbye").await.ok();
    of_bob.wait_for("the message", |event| event["message"]["message"] == "goodbye").await;
    assert!(of_bob.kinds().all(|kind| kind != "moderation_action"), "viewers hear nothing of lists");
}

#[tokio::test]
async fn a_session_that_is_opened_meanwhile_begins_with_the_newest_list() {
    let (world, mut proxy) = behind_a_proxy().await;
    // The list comes after the opening has looked for one, and before its transaction.
    let mut is_first = true;
    proxy.judge(move |request| {
        let opens = request.operation == "TransactWriteItems" && request.body.contains("windows");
        if opens && std::mem::take(&mut is_first) { Fate::Hold } else { Fate::Pass }
    });
    let bob = world.user("bob");
    let opening = tokio::spawn(async move { bob.send("hello").await.ok() });
    let held = proxy.next_held().await;
    write_list(&world, 1, &word("idiot").to_string(), 0).await;
    held.release();
    opening.await.expect("no panic");
    assert_eq!(versions(&world).await, [1, 1]);
    assert_eq!(terms(&host(&world)).await, ["idiot"]);
}

#[test]
fn the_work_of_finding_links_is_linear_in_the_text() {
    for text in ["a..", "xn--a.com.", "http:", "a-", "-.", "[dot]", "https://a@", "a.com吧", "\u{200b}.", "www."] {
        let long = text.repeat(50_000 / text.len());
        let begun = Instant::now();
        links(&long);
        // It takes some hundredths of a second, and minutes where it is quadratic.
        assert!(begun.elapsed().as_secs() < 10, "{text:?}");
    }
}
