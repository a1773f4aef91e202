//! Pages past what was purged and cleared.

use std::sync::atomic::Ordering;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::domain::cover::Cover;
use shared::domain::cover::PurgeOutcome;
use tests::world::World;

use super::rows::{Row, messages, write};
use super::{back, by_the_first_message, seqs, world_with};

/// Tells the session that numbers up to this one are allocated.
async fn allocate_up_to(world: &World, seq: u64) {
    let update = world
        .dynamodb()
        .update_item()
        .table_name("live-chat-chat")
        .key("pk", AttributeValue::S("session#1".to_owned()))
        .key("sk", AttributeValue::S("session".to_owned()))
        .update_expression("SET seq = :seq")
        .expression_attribute_values(":seq", AttributeValue::N(seq.to_string()));
    update.send().await.expect("the table takes it");
}

/// Purges or clears; returns the last number that is covered.
async fn cover(world: &World, act_id: &str, cover: Cover) -> PurgeOutcome {
    let (store, now) = (world.store(), world.clock.now());
    let session = store.session(1, now).await.expect("the table answers").expect("a session");
    store.purge(&session, act_id, &cover, now).await.expect("the table answers")
}

#[tokio::test]
async fn two_thousand_purged_messages_cost_at_most_five_queries_and_a_clear_costs_one() {
    let spam: Vec<Row> = (61..=2_060).map(|seq| Row::Spam { seq }).collect();
    let rows = [messages(1..=60), spam, messages(2_061..=2_063)].concat();
    let (world, _proxy, queries) = world_with(&rows).await;
    allocate_up_to(&world, 2_063).await;
    let purged = cover(&world, "purge", Cover::User("mallory".to_owned())).await;
    assert_eq!(purged, PurgeOutcome::Covered { up_to_seq: 2_063 });
    let (ann, spent) = (world.user("ann"), || queries.swap(0, Ordering::SeqCst));
    let mut socket = ann.connect().await;
    let all: Vec<u64> = (1..=60).chain(2_061..=2_063).collect();
    for limit in [1_usize, 2, 3, 50, 1_000] {
        for (query, among) in [
            ("", &all[..]),
            ("&before=100002061", &all[..60]),
            ("&after=100000060", &all[60..]),
            ("&after=100000000", &all),
        ] {
            spent();
            let page = ann.get(&format!("messages?limit={limit}{query}")).await.ok();
            assert!((1..=5).contains(&spent()), "limit {limit}{query}");
            let limit = limit.min(among.len());
            let newest = &among[among.len() - limit..];
            assert_eq!(
                seqs(&page),
                if query.contains("after") { &among[..limit] } else { newest },
                "limit {limit}{query}"
            );
        }
    }
    for after in [0, 60, 61, 1_000] {
        spent();
        let resumed = socket.ask(&json!({"type": "resume", "after": after})).await;
        assert!((1..=5).contains(&spent()), "resume after {after}");
        let missed: Vec<u64> = all.iter().copied().filter(|seq| *seq > after).collect();
        assert_eq!((seqs(&resumed), &resumed["events"][0]["seq"]), (missed, &json!(2_064)));
    }
    cover(&world, "clear", Cover::All).await;
    for query in ["", "?after=100000000", "?limit=1"] {
        spent();
        assert_eq!(seqs(&ann.get(&format!("messages{query}")).await.ok()), Vec::<u64>::new());
        assert_eq!(spent(), 1, "{query}");
    }
    ann.get("messages?before=100000500").await.ok();
    assert_eq!(spent(), 0, "everything before a clear is gone");
}

#[tokio::test]
async fn a_page_that_others_follow_has_a_message_however_many_events_come_first() {
    let (world, _proxy, _) = world_with(&messages(1..=3)).await;
    allocate_up_to(&world, 3).await;
    let ann = world.user("ann");
    for act in 0..5 {
        cover(&world, &format!("purge {act}"), Cover::User(format!("spammer {act}"))).await;
    }
    write(&world, &messages(9..=11)).await;
    let page = ann.get("messages?limit=2&after=100000003").await.ok();
    assert_eq!(
        (seqs(&page), page["events"].as_array().map(Vec::len), &page["has_more"]),
        (vec![9], Some(5), &json!(true))
    );
    assert_eq!(back(&ann, "limit=2", by_the_first_message).await, [1, 2, 3, 9, 10, 11]);
    let forward = ann.get("messages?limit=2&after=100000009").await.ok();
    assert_eq!((seqs(&forward), &forward["has_more"]), (vec![10, 11], &json!(false)));
}

#[tokio::test]
async fn a_page_reads_what_its_own_replies_quote_and_no_more() {
    let replies = (201..=1_200).map(|seq| Row::Reply { seq, to: seq % 200 + 1 });
    let spam = (1_201..=1_700).map(|seq| Row::Spam { seq });
    let rows: Vec<Row> = messages(1..=200).into_iter().chain(replies).chain(spam).collect();
    let (world, proxy, _queries) = world_with(&rows).await;
    allocate_up_to(&world, 1_700).await;
    cover(&world, "purge", Cover::User("mallory".to_owned())).await;
    let ann = world.user("ann");
    proxy.read_meter();
    for limit in [1, 50, 100] {
        let page = ann.get(&format!("messages?limit={limit}")).await.ok();
        let is_parent = |operation: &str, body: &str| operation == "GetItem" && body.contains("messages#1");
        let read = proxy.read_meter().iter().filter(|(call, _)| is_parent(&call.operation, &call.body)).count();
        assert_eq!((seqs(&page).len(), read), (limit, limit));
        let newest = &page["messages"][limit - 1];
        assert_eq!((&newest["seq"], &newest["reply_to"]["excerpt"]), (&json!(1_200), &json!("message 1")));
    }
}
