//! Questions: messages that the room votes on and staff answer.

use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::world::World;

/// Asks a question that must be stored; returns its id.
async fn ask(user: &User, text: &str) -> u64 {
    let sent = user.send_body(json!({"message": text, "kind": "question"}).to_string()).await.ok();
    sent["message_id"].as_u64().expect("an id")
}

async fn mark(user: &User, id: u64, answered: bool) -> Answer {
    let body = json!({"answered": answered}).to_string();
    user.call(Method::POST, &format!("questions/{id}/answered"), Some(body)).await
}

async fn act(actor: &User, body: Value) -> Value {
    actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok()
}

async fn listed(user: &User, query: &str) -> Vec<Value> {
    user.get(&format!("questions{query}")).await.ok()["questions"].as_array().expect("a list").clone()
}

async fn ids(user: &User, query: &str) -> Vec<u64> {
    listed(user, query).await.iter().map(|question| question["id"].as_u64().expect("an id")).collect()
}

async fn vote(user: &User, id: u64) {
    user.post(&format!("like-message/{id}")).await.ok();
}

#[tokio::test]
async fn a_question_is_a_message_and_its_likes_are_votes() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut socket = bob.connect().await;
    let first = ask(&ann, "When does it begin?").await;
    ann.send("no question").await.ok();
    let asked = socket.ask(&json!({"type": "message", "message": "And when does it end?", "kind": "question"})).await;
    let second = asked["message_id"].as_u64().expect("an id");
    let heard = socket.message(1).await;
    assert_eq!((&heard["message_type"], &heard["answered"]), (&json!("question"), &json!(false)));
    let third = ask(&bob, "Who is it?").await;
    vote(&ann, second).await;
    vote(&bob, second).await;
    vote(&ann, third).await;
    assert_eq!(ids(&ann, "").await, [second, third, first]);
    assert_eq!(ids(&ann, "?sort=new").await, [third, second, first]);
    let list = listed(&ann, "?mine=true").await;
    let votes: Vec<_> = list.iter().map(|question| (&question["likes"], &question["user_liked"])).collect();
    assert_eq!(votes, [(&json!(2), &json!(true)), (&json!(1), &json!(true)), (&json!(0), &json!(false))]);
    // A vote that is taken back, and the same message in the chat itself.
    bob.delete(&format!("like-message/{second}")).await.ok();
    ann.delete(&format!("like-message/{second}")).await.ok();
    assert_eq!(ids(&ann, "?sort=likes").await, [third, first, second]);
    let page = ann.get("messages").await.ok();
    let kinds: Vec<_> = page["messages"].as_array().expect("a list").iter().map(|one| &one["message_type"]).collect();
    assert_eq!(kinds, ["question", "text", "question", "question"]);
    assert_eq!(page["messages"][1]["answered"], Value::Null);
    for bad in ["?sort=old", "?mine=yes", "?session_id=x"] {
        assert_eq!(ann.get(&format!("questions{bad}")).await.problem(), (400, "invalid_request".to_owned()), "{bad}");
    }
    let bad = ann.send_body(json!({"message": "x", "kind": "announcement"}).to_string()).await;
    assert_eq!(bad.problem(), (400, "invalid_request".to_owned()));
    let bad = socket.ask(&json!({"type": "message", "message": "x", "kind": 7, "client_message_id": "k"})).await;
    assert_eq!((&bad["code"], &bad["client_message_id"]), (&json!("invalid_request"), &json!("k")));
}

#[tokio::test]
async fn staff_mark_a_question_and_everybody_hears_it() {
    let world = World::start().await;
    let (mona, ann) = (world.moderator(), world.user("ann"));
    let mut socket = ann.connect().await;
    let id = ask(&ann, "When?").await;
    let other = ann.send("no question").await.ok()["message_id"].as_u64().expect("an id");
    assert_eq!(mark(&mona, id, true).await.ok(), json!({"message_id": id, "answered": true}));
    let heard = socket.next("question_update").await;
    assert_eq!((&heard["message_id"], &heard["answered"]), (&json!(id), &json!(true)));
    assert_eq!(listed(&ann, "").await[0]["answered"], true);
    assert_eq!(ann.get("messages").await.ok()["messages"][0]["answered"], true);
    let resumed = socket.ask(&json!({"type": "resume", "after": 0})).await;
    assert_eq!(resumed["messages"][0]["answered"], true);
    // Again: nothing changes, and the log has one entry.
    mark(&mona, id, true).await.ok();
    mark(&mona, id, false).await.ok();
    let heard = socket.next("question_update").await;
    assert_eq!(heard["answered"], false, "no frame came for what was marked already");
    assert_eq!(listed(&ann, "").await[0]["answered"], false);
    let log = mona.get("moderation/actions?action=answer").await.ok();
    let changes: Vec<_> = log["actions"].as_array().expect("a list").iter().map(|entry| &entry["changes"]).collect();
    assert_eq!(changes, [&json!({"answered": false}), &json!({"answered": true})], "{log}");
    assert_eq!(log["actions"][0]["target"]["message_ids"], json!([id]));
    assert_eq!(log["actions"][0]["target"]["user_id"], "ann");

    assert_eq!(mark(&ann, id, true).await.problem(), (403, "forbidden".to_owned()));
    for nothing in [other, id + 77, 700_000_001] {
        assert_eq!(mark(&mona, nothing, true).await.problem(), (404, "not_found".to_owned()), "{nothing}");
    }
    for body in ["", "{}", r#"{"answered":"yes"}"#, r#"{"answered":null}"#, "[]"] {
        let refused = mona.call(Method::POST, &format!("questions/{id}/answered"), Some(body.to_owned())).await;
        assert_eq!(refused.problem(), (400, "invalid_request".to_owned()), "{body}");
    }
    // The morning after.
    world.host().call(Method::POST, "sessions/1/end", Some("{}".to_owned())).await.ok();
    mark(&mona, id, true).await.ok();
    assert_eq!(listed(&ann, "?session_id=1").await[0]["answered"], true);
}

#[tokio::test]
async fn what_has_left_the_room_is_in_no_list() {
    let world = World::with(&[("LIVE_CHAT_HIDE_AT_REPORTS", "2")]).await;
    let (mona, ann, bob, eve) = (world.moderator(), world.user("ann"), world.user("bob"), world.user("eve"));
    let deleted = ask(&ann, "deleted").await;
    let purged = ask(&eve, "purged").await;
    let hidden = ask(&ann, "hidden").await;
    let stays = ask(&bob, "stays").await;
    for id in [deleted, purged, hidden] {
        vote(&bob, id).await;
    }
    ann.delete(&format!("messages/{deleted}")).await.ok();
    act(&mona, json!({"action": "purge", "user_id": "eve"})).await;
    for user in [&bob, &eve] {
        let report = json!({"reason": "spam"}).to_string();
        user.call(Method::POST, &format!("report-message/{hidden}"), Some(report)).await.ok();
    }
    assert_eq!(ids(&ann, "").await, [stays]);
    for gone in [deleted, purged, hidden] {
        assert_eq!(mark(&mona, gone, true).await.problem(), (404, "not_found".to_owned()), "{gone}");
    }
    // A shadowed question is its author's and the staff's.
    act(&mona, json!({"action": "shadow_ban", "user_id": "eve"})).await;
    let shadowed = ask(&eve, "shadowed").await;
    assert_eq!(ids(&eve, "?sort=new").await, [shadowed, stays]);
    assert_eq!(ids(&mona, "?sort=new").await, [shadowed, stays]);
    assert_eq!(ids(&bob, "").await, [stays]);
    act(&mona, json!({"action": "clear"})).await;
    assert_eq!(ids(&bob, "").await, Vec::<u64>::new());
}

#[tokio::test]
async fn a_held_question_is_one_when_it_is_approved_and_rules_hold_for_it() {
    let world = World::start().await;
    let (mona, ann) = (world.moderator(), world.user("ann"));
    act(&mona, json!({"action": "set_modes", "modes": {"review_all": true}})).await;
    let asked = ann.send_body(json!({"message": "Held?", "kind": "question"}).to_string()).await;
    assert_eq!((asked.status, &asked.json["status"]), (202, &json!("held")));
    assert_eq!(ids(&ann, "").await, Vec::<u64>::new());
    let held = asked.json["held_id"].as_str().expect("an id");
    act(&mona, json!({"action": "approve", "held_id": held})).await;
    let list = listed(&ann, "").await;
    assert_eq!((list.len(), &list[0]["message"], &list[0]["answered"]), (1, &json!("Held?"), &json!(false)));
    act(&mona, json!({"action": "set_modes", "modes": {"review_all": false, "audience": "staff"}})).await;
    let refused = ann.send_body(json!({"message": "Now?", "kind": "question"}).to_string()).await;
    assert_eq!(refused.problem(), (403, "staff_only".to_owned()));
}

#[tokio::test]
async fn of_many_questions_those_with_the_most_votes_are_listed() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")]).await;
    let ann = world.user("ann");
    let favourite = ask(&ann, "the first of all").await;
    vote(&world.user("bob"), favourite).await;
    for number in 0..230 {
        ask(&ann, &format!("question {number}")).await;
    }
    let list = ids(&ann, "").await;
    assert_eq!((list.len(), list[0]), (100, favourite), "230 came after it");
    assert_eq!(ids(&ann, "?sort=new").await.first(), Some(&(favourite + 230)));
}

#[tokio::test]
async fn after_a_raid_is_purged_the_questions_of_others_are_listed_from_both_ends() {
    let world = World::start().await;
    let (mona, ann, bob, eve) = (world.moderator(), world.user("ann"), world.user("bob"), world.user("eve"));
    let several = async |user: &User, count: usize| {
        let mut ids = Vec::new();
        for number in 0..count {
            ids.push(ask(user, &format!("question {number}")).await);
        }
        ids
    };
    let before = several(&ann, 60).await;
    // More than a list reads of questions that stand.
    several(&eve, 210).await;
    let after = several(&bob, 60).await;
    let favourite = after[30];
    vote(&ann, favourite).await;
    act(&mona, json!({"action": "purge", "user_id": "eve"})).await;
    let newest: Vec<u64> = before.iter().chain(&after).rev().take(100).copied().collect();
    assert_eq!(ids(&ann, "?sort=new").await, newest);
    let others = before.iter().chain(&after).filter(|id| **id != favourite).take(99);
    assert_eq!(ids(&ann, "?sort=likes").await, [&favourite].into_iter().chain(others).copied().collect::<Vec<_>>());
    // Those that a list has no place for come up when others go.
    for id in &after {
        bob.delete(&format!("messages/{id}")).await.ok();
    }
    assert_eq!(ids(&ann, "?sort=new").await, before.iter().rev().copied().collect::<Vec<_>>());
}
