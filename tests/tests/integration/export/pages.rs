//! An export in pages: together they are one file, whatever happens between two of them.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tests::filled::{fill, message};
use tests::rest::User;
use tests::world::World;

use super::{act, checked, next, page, pages, say, seq, sha256, text_of};

/// A world whose session 1 has one message.
async fn begun() -> (World, User) {
    let world = World::start().await;
    say(&world, &world.user("ann"), "first").await;
    let hans = world.user_as("hans", "host");
    (world, hans)
}

#[tokio::test]
async fn pages_make_one_file_whose_sum_is_the_standard_one() {
    let (world, hans) = begun().await;
    // What needs most room: each character is escaped twice on its way.
    fill(&world, 2..=4_000, &"\"\\\n".repeat(300)).await;
    for format in ["jsonl", "csv", "vtt"] {
        let all = pages(&hans, &format!("format={format}")).await;
        assert!((2..=8).contains(&all.len()), "{} pages of {format}", all.len());
        assert!(all[1..].iter().all(|page| !page.text.starts_with("type,") && !page.text.starts_with("WEBVTT")));
        if format == "jsonl" {
            let (records, end) = checked(&all);
            assert_eq!((records.len(), &end["last_seq"], &end["up_to_seq"]), (4_001, &json!(4_000), &json!(4_000)));
            assert!(records[1..].iter().map(seq).eq(1..=4_000), "each number once");
            assert_eq!(records[3_000]["message"]["message"], "\"\\\n".repeat(300));
        } else {
            assert_eq!(all.last().expect("a page").headers["export-sha256"], sha256(&text_of(&all)));
        }
    }
}

#[tokio::test]
async fn what_happens_between_two_pages_is_in_the_later_one_and_nothing_is_there_twice() {
    let (world, hans) = begun().await;
    fill(&world, 2..=4_000, &"x".repeat(1_000)).await;
    let first = page(&hans, "").await;
    act(&hans, json!({"action": "purge", "user_id": "bob"})).await;
    let ann = world.user("ann");
    say(&world, &ann, "after the first page").await;
    let mut all = vec![first];
    while let Some(query) = next(all.last().expect("a page")) {
        all.push(page(&hans, &query).await);
    }
    let (records, end) = checked(&all);
    assert_eq!((&end["last_seq"], &end["up_to_seq"]), (&json!(4_002), &json!(4_002)));
    let numbers: Vec<u64> = records[1..].iter().filter(|record| record["type"] != "action").map(seq).collect();
    assert!(numbers.iter().copied().eq(1..=4_002), "each number once");
    let purged = records.iter().filter(|record| record["state"] == "purged").count();
    assert!((500..2_000).contains(&purged), "{purged} of the pages after the act");
    let acts: Vec<&Value> = records.iter().filter(|record| record["type"] == "action").collect();
    assert_eq!((acts.len(), &acts[0]["action"]["action"]), (1, &json!("purge")));
}

#[tokio::test]
async fn an_export_after_a_number_begins_there() {
    let (world, hans) = begun().await;
    fill(&world, 2..=60, "hi").await;
    let (records, end) = checked(&pages(&hans, "after=50").await);
    assert_eq!((&records[0]["type"], &records[0]["after"]), (&json!("session"), &json!(50)));
    assert!(records[1..].iter().map(seq).eq(51..=60));
    assert_eq!((&end["first_seq"], &end["last_seq"]), (&json!(51), &json!(60)));
    let (records, end) = checked(&pages(&hans, "after=60").await);
    assert_eq!((records.len(), &end["up_to_seq"], &end["first_seq"]), (1, &json!(60), &Value::Null));
    let (_, end) = checked(&pages(&hans, "after=99999999").await);
    assert_eq!(end["up_to_seq"], 60, "what is to come is not done");
}

#[tokio::test]
async fn numbers_that_are_not_final_wait_for_the_next_export() {
    let (world, hans) = begun().await;
    fill(&world, 2..=10, "hi").await;
    // The broadcast has not come to number 11 yet, and number 12 may be missing.
    let row = message(13, "not yet", world.clock.now());
    world.dynamodb().put_item().table_name("live-chat-chat").set_item(Some(row)).send().await.expect("it is written");
    let (records, end) = checked(&pages(&hans, "").await);
    let last = records.iter().map(seq).max();
    assert!(last == Some(10) || end["up_to_seq"].as_u64() >= Some(13), "{end}");
    assert_eq!(end["last_seq"].as_u64(), last);
}

#[tokio::test]
async fn a_page_of_a_user_who_said_little_ends_although_it_found_nothing() {
    let (world, hans) = begun().await;
    fill(&world, 2..=17_000, "hi").await;
    let all = pages(&hans, "user_id=carol").await;
    assert!(all.len() >= 2 && all[1].text.lines().count() <= 1, "{} pages", all.len());
    let (records, end) = checked(&all);
    assert_eq!((records.len(), &end["up_to_seq"]), (1, &json!(17_000)));
}

#[tokio::test]
async fn acts_are_in_pages_too() {
    let (world, hans) = begun().await;
    let mona = world.moderator();
    let notes: BTreeSet<String> = (0..620).map(|note| format!("note {note}")).collect();
    // Two acts on the same user at once would wait for each other.
    let calls = notes.iter().map(|text| act(&mona, json!({"action": "note", "user_id": text, "text": text})));
    let _entries: Vec<Value> = futures_util::stream::iter(calls).buffer_unordered(8).collect().await;
    let all = pages(&hans, "").await;
    assert_eq!(all.len(), 2, "at most 500 acts are in a page");
    let (records, _) = checked(&all);
    let found = records.iter().filter_map(|record| record["action"]["target"]["note"].as_str());
    assert_eq!(found.map(str::to_owned).collect::<BTreeSet<_>>(), notes);
    let ids: Vec<&str> = records.iter().filter_map(|record| record["action"]["id"].as_str()).collect();
    assert!(ids.is_sorted() && ids.len() == 620);
}
