//! A check that was written from docs/draws.md alone agrees with the chat, and finds what was tampered with.

use std::process::Stdio;

use serde_json::{Value, json};
use tests::world::World;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::{entrants, on, reveal, senders, started};

/// What the check in Python says: `None` if the draw is right.
async fn wrong_with(draw: &Value, entrants: &[String]) -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/draws/verify_draw.py");
    let python = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut python = python.expect("Python 3 is installed");
    let input = json!({"draw": draw, "entrants": entrants}).to_string();
    let mut stdin = python.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    let output = python.wait_with_output().await.expect("it ends");
    let said = String::from_utf8(output.stdout).expect("text");
    match output.status.code() {
        Some(0) => None,
        Some(1) => Some(said),
        other => panic!("the check ended with {other:?}: {said}"),
    }
}

#[tokio::test]
async fn the_check_agrees_and_finds_a_tampered_seed_list_or_winner() {
    let world = World::start().await;
    let hans = world.host();
    let ids = ["ann", "bob", "carl", "dora", "émil", "🎉", "42"];
    senders(&world, &ids).await;
    let draw = started(&hans, &json!({"winners": 2})).await;
    let list = entrants(&hans, &draw, 1000).await;
    let draw = reveal(&hans, &draw).await;
    assert_eq!(wrong_with(&draw, &list).await, None);
    let draw = on(&hans, &draw, "redraw", &json!({"reason": "no answer"})).await.ok()["draw"].clone();
    assert_eq!(wrong_with(&draw, &list).await, None, "after a redraw");

    let tampered = |field: &str, value: Value| {
        let mut draw = draw.clone();
        draw[field] = value;
        draw
    };
    let mut exchanged = draw["winners"].clone();
    exchanged.as_array_mut().expect("a list").swap(0, 1);
    let loser = ids.iter().find(|id| !draw["winners"].as_array().expect("a list").contains(&json!(id)));
    let mut bribed = draw["winners"].clone();
    bribed[2] = json!(loser);
    let (seed, winners, frozen) = ("is not the one that was committed to", "are not the first", "that was frozen");
    for (draw, complaint) in [
        (tampered("seed", json!("0".repeat(64))), seed),
        (tampered("commitment", json!("0".repeat(64))), seed),
        (tampered("winners", exchanged), winners),
        (tampered("winners", bribed), winners),
        (tampered("redraws", json!(0)), winners),
        (tampered("entrants_sha256", json!("0".repeat(64))), frozen),
        (tampered("entrants", json!(6)), "as many entrants"),
        (tampered("id", json!(10_002)), winners),
    ] {
        let said = wrong_with(&draw, &list).await.unwrap_or_else(|| panic!("{complaint} is not found"));
        assert!(said.contains(complaint), "{said}");
    }
    let mut other = list.clone();
    other[3] = "0".repeat(64);
    assert!(wrong_with(&draw, &other).await.is_some_and(|said| said.contains(frozen)), "somebody was exchanged");
    assert!(wrong_with(&draw, &list[1..]).await.is_some_and(|said| said.contains(frozen)), "somebody was left out");
}
