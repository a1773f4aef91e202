//! Reports while DynamoDB is in trouble: answers that are lost, conflicts, crashes between two steps.

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;
use tests::proxy::{Fate, Proxy};
use tests::world::World;

use super::{crowd, listed, moderator, report, sent_by_bob, told_until};

const CONFLICT: &str = r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Message": "Transaction cancelled",
    "CancellationReasons": [{"Code": "None"}, {"Code": "None"}, {"Code": "TransactionConflict", "Message": "Transaction is ongoing"}]}"#;
const REFUSAL: &str = r#"{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "no"}"#;

/// A world in which two reports hide a message, and whose functions reach DynamoDB through a proxy.
async fn behind_a_proxy() -> (World, Proxy) {
    let proxy = Proxy::start().await;
    let url = proxy.url();
    let settings = [("AWS_ENDPOINT_URL_DYNAMODB", url.as_str()), ("LIVE_CHAT_HIDE_AT_REPORTS", "2")];
    let world = World::start_with(Timestamp::now(), &settings, |_| {}).await;
    proxy.lead_to_tables_of(&world.gateway);
    (world, proxy)
}

#[tokio::test]
async fn a_report_whose_answer_is_lost_counts_once() {
    let (world, proxy) = behind_a_proxy().await;
    let (ann, mona) = (world.user("ann"), moderator(&world));
    let id = sent_by_bob(&world, "reported").await;
    let mut is_first = true;
    proxy.judge(move |request| {
        let is_report = request.operation == "TransactWriteItems" && request.body.contains("by#ann");
        if is_report && std::mem::take(&mut is_first) { Fate::CutAfter } else { Fate::Pass }
    });
    assert_eq!(report(&ann, id, "spam").await.ok()["already_reported"], false);
    assert_eq!(listed(&mona).await[0]["reports"], 1);
}

#[tokio::test]
async fn reports_that_conflict_all_count() {
    let (world, proxy) = behind_a_proxy().await;
    let mona = moderator(&world);
    let by_mona = mona.send("by staff").await.ok()["message_id"].as_u64().expect("an id");
    let mut tries = 0;
    proxy.judge(move |request| {
        let is_report = request.operation == "TransactWriteItems" && request.body.contains("by#user");
        tries += usize::from(is_report);
        // Two of three.
        if is_report && tries % 3 != 0 { Fate::Answer(400, CONFLICT.to_owned()) } else { Fate::Pass }
    });
    let users = crowd(&world, 10);
    for answer in join_all(users.iter().map(|user| report(user, by_mona, "other"))).await {
        assert_eq!(answer.ok()["already_reported"], false);
    }
    assert_eq!(listed(&mona).await[0]["reports"], 10);
}

#[tokio::test]
async fn what_a_crash_leaves_undone_the_repeated_report_does() {
    let (world, proxy) = behind_a_proxy().await;
    let (mona, users) = (moderator(&world), crowd(&world, 2));
    let (mut staff, mut viewer) = (mona.connect().await, world.user("viewer").connect().await);
    let id = sent_by_bob(&world, "reported").await;
    viewer.until_messages(1).await;
    // The report is stored, and what follows is not: first its notice, then the hiding of the message.
    for (user, step) in users.iter().zip(["message_reported", "hidden_text"]) {
        proxy.judge(move |request| {
            let is_step = request.operation == "TransactWriteItems" && request.body.contains(step);
            if is_step { Fate::Answer(400, REFUSAL.to_owned()) } else { Fate::Pass }
        });
        assert_eq!(report(user, id, "spam").await.problem(), (503, "unavailable".to_owned()));
        proxy.judge(|_| Fate::Pass);
        assert_eq!(report(user, id, "spam").await.ok()["already_reported"], true, "{step}");
    }
    assert_eq!(told_until(&mut staff, 2).await, [1, 2]);
    assert_eq!(viewer.next("message_deleted").await["message_id"], id);
    let reported = listed(&mona).await;
    assert_eq!((&reported[0]["reports"], &reported[0]["hidden"]), (&json!(2), &json!(true)));
}

#[tokio::test]
async fn a_hidden_message_whose_entry_cannot_be_stored_stays_visible() {
    let (world, proxy) = behind_a_proxy().await;
    let users = crowd(&world, 2);
    let id = sent_by_bob(&world, "reported").await;
    report(&users[0], id, "spam").await.ok();
    proxy.judge(move |request| {
        let is_entry = request.operation == "TransactWriteItems" && request.body.contains("live-chat-audit");
        if is_entry { Fate::Answer(400, REFUSAL.to_owned()) } else { Fate::Pass }
    });
    assert_eq!(report(&users[1], id, "spam").await.status, 503);
    let page = users[0].get("messages").await.ok();
    assert_eq!(page["messages"][0]["message"], "reported", "the act and its entry are one");
}
