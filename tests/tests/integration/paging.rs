//! Pages of the history and `resume`, past what was deleted and past what is large.

mod purged;
mod rows;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tests::proxy::{Fate, Proxy};
use tests::rest::User;
use tests::world::World;

use rows::{Row, deleted, messages, write};

const SETTINGS: [(&str, &str); 1] = [("LIVE_CHAT_MESSAGE_HISTORY_LIMIT", "1000")];
/// The largest body of a page.
const MAX_BYTES: usize = 1_000_000;

/// A world with these rows, and the number of queries of its log. The broadcast waits for its lease, so none of them is its.
async fn world_with(rows: &[Row]) -> (World, Proxy, Arc<AtomicUsize>) {
    let (world, proxy) = World::behind_a_proxy_of_tables(&SETTINGS).await;
    let queries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&queries);
    proxy.judge(move |request| {
        let is_lease = request.operation == "UpdateItem" && request.body.contains("cursor#1");
        let is_page = request.operation == "Query" && request.body.contains("messages#1");
        counted.fetch_add(usize::from(is_page), Ordering::SeqCst);
        if is_lease { Fate::Hold } else { Fate::Pass }
    });
    world.user("ann").get("status").await.ok();
    write(&world, rows).await;
    (world, proxy, queries)
}

fn seqs(page: &Value) -> Vec<u64> {
    page["messages"].as_array().expect("a list").iter().map(|message| message["seq"].as_u64().expect("a seq")).collect()
}

/// All messages, page by page from the newest to the oldest, each continued at the id that `next` takes from it.
async fn back(user: &User, query: &str, next: impl Fn(&Value) -> Option<u64>) -> Vec<u64> {
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let page = user.get(&format!("messages?{query}{before}")).await;
        assert!(page.text.len() <= MAX_BYTES, "a page of {} bytes", page.text.len());
        let page = page.ok();
        let found = seqs(&page);
        assert!(!found.is_empty() || page["has_more"] == false, "an empty page says that there is more");
        assert_eq!(page["has_more"] == true, !page["next_before"].is_null(), "{}", page["next_before"]);
        all.splice(0..0, found);
        let Some(id) = next(&page) else { return all };
        before = format!("&before={id}");
    }
}

/// As clients did before pages told where they end.
fn by_the_first_message(page: &Value) -> Option<u64> {
    (page["has_more"] == true).then(|| page["messages"][0]["id"].as_u64()).flatten()
}

fn by_next_before(page: &Value) -> Option<u64> {
    page["next_before"].as_u64()
}

#[tokio::test]
async fn two_thousand_deleted_messages_cost_at_most_five_queries_for_any_limit_and_for_resume() {
    let rows = [messages(1..=60), deleted(61..=2_060), messages(2_061..=2_063)].concat();
    let (world, _proxy, queries) = world_with(&rows).await;
    let ann = world.user("ann");
    let all: Vec<u64> = (1..=60).chain(2_061..=2_063).collect();
    let mut socket = ann.connect().await;
    for limit in [1_usize, 2, 3, 50, 1_000] {
        for query in [
            String::new(),
            "&before=100002061".to_owned(),
            "&after=100000060".to_owned(),
            "&after=100000000".to_owned(),
        ] {
            queries.store(0, Ordering::SeqCst);
            let page = ann.get(&format!("messages?limit={limit}{query}")).await.ok();
            let spent = queries.load(Ordering::SeqCst);
            assert!((1..=5).contains(&spent), "limit {limit}{query}: {spent} queries");
            let found = seqs(&page);
            let expected: Vec<u64> = match query.as_str() {
                "" => all[all.len().saturating_sub(limit)..].to_vec(),
                "&before=100002061" => all[60_usize.saturating_sub(limit)..60].to_vec(),
                "&after=100000060" => all[60..].iter().copied().take(limit).collect(),
                _ => all.iter().copied().take(limit).collect(),
            };
            assert_eq!(found, expected, "limit {limit}{query}");
        }
    }
    for after in [0, 60, 61, 1_000] {
        queries.store(0, Ordering::SeqCst);
        let resumed = socket.ask(&json!({"type": "resume", "after": after})).await;
        let spent = queries.load(Ordering::SeqCst);
        assert!((1..=5).contains(&spent), "resume after {after}: {spent} queries");
        let missed: Vec<u64> = all.iter().copied().filter(|seq| *seq > after).collect();
        assert_eq!((seqs(&resumed), &resumed["complete"]), (missed, &json!(true)));
        assert_eq!(resumed["up_to"], after, "the broadcast has settled nothing yet");
    }
}

#[tokio::test]
async fn pages_lead_past_what_was_deleted_to_the_first_message_for_old_clients_and_new_ones() {
    let rows =
        [messages(1..=5), deleted(6..=300), messages(301..=301), deleted(302..=305), messages(306..=307)].concat();
    let (world, _proxy, _) = world_with(&rows).await;
    let ann = world.user("ann");
    let all: Vec<u64> = (1..=5).chain([301, 306, 307]).collect();
    for limit in [1, 2, 3, 7, 8, 9] {
        assert_eq!(back(&ann, &format!("limit={limit}"), by_the_first_message).await, all, "limit {limit}");
        assert_eq!(back(&ann, &format!("limit={limit}"), by_next_before).await, all, "limit {limit}");
    }
    let newest = ann.get("messages?limit=2").await.ok();
    assert_eq!((&newest["next_before"], &newest["next_after"]), (&json!(100_000_306), &json!(null)));
    let older = ann.get("messages?limit=1&before=100000306").await.ok();
    assert_eq!(
        (seqs(&older), &older["next_before"], &older["next_after"]),
        (vec![301], &json!(100_000_301), &json!(100_000_305))
    );
    let oldest = ann.get("messages?limit=5&before=100000006").await.ok();
    assert_eq!((seqs(&oldest), &oldest["next_before"]), (vec![1, 2, 3, 4, 5], &json!(null)));
    let newer = ann.get("messages?limit=3&after=100000004").await.ok();
    assert_eq!((seqs(&newer), &newer["has_more"]), (vec![5, 301, 306], &json!(true)));
    assert_eq!((&newer["next_before"], &newer["next_after"]), (&json!(100_000_005), &json!(100_000_306)));
    let last = ann.get("messages?after=100000306").await.ok();
    assert_eq!(
        (seqs(&last), &last["next_after"], &last["next_before"]),
        (vec![307], &json!(null), &json!(100_000_307))
    );
}

#[tokio::test]
async fn a_page_ends_where_very_much_was_deleted_and_the_next_one_finds_the_message_behind() {
    // A query reads 1 MB: some 25 of these rows.
    let large = (2..=220).map(|seq| Row::Deleted { seq, filling: 40_000 }).collect();
    let rows = [messages(1..=1), large, messages(221..=221)].concat();
    let (world, _proxy, queries) = world_with(&rows).await;
    let ann = world.user("ann");
    queries.store(0, Ordering::SeqCst);
    let newest = ann.get("messages?limit=50").await.ok();
    assert_eq!((seqs(&newest), &newest["has_more"], queries.load(Ordering::SeqCst)), (vec![221], &json!(true), 5));
    let next = newest["next_before"].as_u64().expect("an id");
    assert!(next < 100_000_200, "{next}: what was read is not read again");
    let older = ann.get(&format!("messages?limit=50&before={next}")).await.ok();
    assert_eq!((seqs(&older), &older["has_more"]), (vec![1], &json!(false)));
    assert_eq!(back(&ann, "limit=50", by_the_first_message).await, [1, 221]);
    let mut socket = ann.connect().await;
    let nothing_more = socket.ask(&json!({"type": "resume", "after": 221})).await;
    assert_eq!((seqs(&nothing_more), &nothing_more["complete"]), (vec![], &json!(true)));
    let some = socket.ask(&json!({"type": "resume", "after": 0})).await;
    assert_eq!((seqs(&some), &some["complete"]), (vec![1], &json!(false)));
    let rest = socket.ask(&json!({"type": "resume", "after": 1})).await;
    assert_eq!((seqs(&rest), &rest["complete"]), (vec![221], &json!(true)));
}

#[tokio::test]
async fn a_page_of_large_messages_ends_at_a_megabyte() {
    // Quotation marks are the largest: each is two bytes of JSON, but one of the row.
    let texts = ["😀".repeat(4_990), "\"".repeat(4_990), "é".repeat(4_990)];
    let rows = (1..=140).map(|seq| Row::Message { seq, text: texts[seq as usize % 3].clone() }).collect::<Vec<_>>();
    let (world, _proxy, _) = world_with(&rows).await;
    let ann = world.user("ann");
    let first = ann.get("messages?limit=1000").await;
    assert!(first.text.len() > MAX_BYTES - 30_000, "{} bytes", first.text.len());
    let all: Vec<u64> = (1..=140).collect();
    assert_eq!(back(&ann, "limit=1000", by_the_first_message).await, all);
    assert_eq!(back(&ann, "limit=1000&mine=true", by_next_before).await, all);
    let forward = ann.get("messages?limit=1000&after=100000000").await.ok();
    assert_eq!((seqs(&forward)[0], &forward["has_more"]), (1, &json!(true)));
}

#[tokio::test]
async fn resume_says_up_to_which_number_the_client_is_complete() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for i in 0..130 {
        ann.send(&format!("message {i}")).await.ok();
    }
    socket.until_messages(130).await;
    for seq in 121..=130 {
        ann.delete(&format!("messages/{}", 100_000_000 + seq)).await.ok();
    }
    tests::within("the cursor", async { while socket.ask(&json!({"type": "ping"})).await["last_seq"] != 130 {} }).await;
    let first = socket.ask(&json!({"type": "resume", "after": 0})).await;
    assert_eq!((seqs(&first).len(), &first["up_to"], &first["complete"]), (100, &json!(100), &json!(false)));
    let rest = socket.ask(&json!({"type": "resume", "after": 100})).await;
    assert_eq!((seqs(&rest), &rest["up_to"]), ((101..=120).collect(), &json!(130)), "later ones were deleted");
    assert_eq!(rest["complete"], true);
    let ahead = socket.ask(&json!({"type": "resume", "after": 500})).await;
    assert_eq!((seqs(&ahead), &ahead["up_to"]), (vec![], &json!(500)));
}

#[tokio::test]
async fn the_history_limit_bounds_a_page() {
    let world = World::with(&[("LIVE_CHAT_MESSAGE_HISTORY_LIMIT", "3")]).await;
    let ann = world.user("ann");
    for i in 1..=5 {
        ann.send(&format!("message {i}")).await.ok();
    }
    assert_eq!(ann.get("messages").await.ok()["messages"].as_array().expect("messages").len(), 3);
    assert_eq!(ann.get("messages?limit=4").await.problem(), (400, "invalid_request".to_owned()));
}
