//! The export of a session: its records, its formats, its pages, and what it keeps to itself.

mod command;
mod formats;
mod pages;
mod refusals;

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::rest::User;
use tests::world::World;

/// A page of the export of session 1.
async fn page(user: &User, query: &str) -> Answer {
    let page = user.get(&format!("sessions/1/export?{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.len() <= 2_500_500, "{} bytes", page.text.len());
    page
}

/// The query of the next page.
fn next(page: &Answer) -> Option<String> {
    let link = page.headers.get("link")?.to_str().expect("a link");
    let query = link.strip_prefix("<?").and_then(|rest| rest.strip_suffix(">; rel=\"next\""));
    Some(query.expect("the query of the next page").to_owned())
}

/// The pages from this query on.
async fn pages(user: &User, query: &str) -> Vec<Answer> {
    let mut pages = vec![page(user, query).await];
    while let Some(query) = next(pages.last().expect("a page")) {
        assert!(!pages.last().expect("a page").headers.contains_key("export-sha256"), "only the last page has a sum");
        assert!(pages.len() < 100, "it makes progress");
        pages.push(page(user, &query).await);
    }
    pages
}

fn text_of(pages: &[Answer]) -> String {
    pages.iter().map(|page| page.text.as_str()).collect()
}

fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The records of an export whose sum and counts are right.
fn checked(pages: &[Answer]) -> (Vec<Value>, Value) {
    let text = text_of(pages);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (end, lines) = lines.split_last().expect("an end");
    let end: Value = serde_json::from_str(end).expect("JSON");
    assert_eq!((&end["type"], &end["count"]), (&json!("end"), &json!(lines.len())));
    let sum = sha256(&lines.concat());
    assert_eq!(end["sha256"], sum);
    let header = pages.last().and_then(|page| page.headers.get("export-sha256")).expect("the sum of all pages");
    assert_eq!(header.to_str().expect("a sum"), sum);
    let records: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let numbers: Vec<u64> = records.iter().filter(|record| record["type"] != "action").map(seq).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let numbers: Vec<u64> = numbers.into_iter().filter(|seq| *seq > 0).collect();
    assert_eq!((&end["first_seq"], &end["last_seq"]), (&json!(numbers.first()), &json!(numbers.last())));
    (records, end)
}

fn seq(record: &Value) -> u64 {
    record["seq"].as_u64().expect("a number")
}

/// Type, number and state of each record.
fn outline(records: &[Value]) -> Vec<(String, u64, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let state = |record: &Value| match record["type"].as_str() {
        Some("action") => text(&record["action"]["action"]),
        _ => text(&record["state"]),
    };
    records.iter().map(|record| (text(&record["type"]), seq(record), state(record))).collect()
}

/// An act that must succeed.
async fn act(actor: &User, body: Value) -> Value {
    actor.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok()
}

/// Sends a message that must be stored, and waits until its number is final; returns its id.
async fn say(world: &World, user: &User, text: &str) -> u64 {
    let id = user.send(text).await.ok()["message_id"].as_u64().expect("an id");
    until_final(world, id % 100_000_000).await;
    id
}

/// Waits until the broadcast has come to a number.
async fn until_final(world: &World, seq: u64) {
    let store = world.store();
    tests::within("the broadcast", async {
        while store.cursor(1).await.expect("a cursor").seq < seq {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
