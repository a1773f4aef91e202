//! Tallies are exact: at each read, at the end, under conflicts, and when answers are lost.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::json;
use tests::proxy::Fate;
use tests::world::World;

use super::{close, read, started, vote, votes};

/// All votes of a poll at once. None may be counted twice, or not at all.
fn total(poll: &serde_json::Value) -> u64 {
    votes(poll).into_iter().flatten().sum()
}

/// A transaction that met another one.
fn conflict() -> Fate {
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "message": "Transaction cancelled",
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    });
    Fate::Answer(400, body.to_string())
}

#[tokio::test]
async fn two_hundred_users_who_vote_three_times_at_once_have_one_vote_each() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let hans = world.host();
    let id = started(&hans, &json!({})).await;
    let users: Vec<_> = (0..200).map(|i| world.user(&format!("user{i}"))).collect();
    // Some writes are refused before they happen, some after; the answers of others are lost. The SDK tries again.
    let mut number = 0_u64;
    proxy.judge(move |request| {
        number += 1;
        match (request.operation.as_str(), number % 13) {
            ("TransactWriteItems", 3) => Fate::CutAfter,
            ("TransactWriteItems", 7) => Fate::Cut,
            ("TransactWriteItems", 11) => conflict(),
            _ => Fate::Pass,
        }
    });
    let are_voting = AtomicBool::new(true);
    let voting = async {
        let all = users.iter().enumerate().map(|(i, user)| async move {
            for round in 0..3 {
                let option = (i as u64 + round) % 3;
                // 503 is no acknowledgement, and a client tries again.
                while vote(user, id, option).await.status != 200 {}
            }
        });
        join_all(all).await;
        are_voting.store(false, Ordering::SeqCst);
    };
    let reading = async {
        let mut seen = 0;
        let mut reads = 0;
        while are_voting.load(Ordering::SeqCst) {
            let poll = read(&hans, id).await;
            assert_eq!(poll["total_votes"], total(&poll));
            assert!(total(&poll) >= seen && total(&poll) <= 200, "{poll}");
            seen = total(&poll);
            reads += 1;
        }
        assert!(reads > 3, "{reads} reads meanwhile");
    };
    tokio::join!(voting, reading);
    // The last vote of each: option (i + 2) % 3.
    let expected: Vec<_> =
        (0..3).map(|option| Some((0..200).filter(|i| (i + 2) % 3 == option).count() as u64)).collect();
    assert_eq!(votes(&read(&hans, id).await), expected);
    for (i, user) in users.iter().enumerate().step_by(40) {
        assert_eq!(read(user, id).await["my_vote"], (i + 2) % 3);
    }
    assert_eq!(votes(&close(&hans, id).await.ok()["poll"]), expected, "the result");
}

#[tokio::test]
async fn one_user_who_votes_in_many_tabs_at_once_has_one_vote() {
    let world = World::start().await;
    let (hans, ann) = (world.host(), world.user("ann"));
    let id = started(&hans, &json!({})).await;
    join_all((0..30).map(|i| vote(&ann, id, i % 3))).await;
    let poll = read(&ann, id).await;
    assert_eq!(poll["total_votes"], 1);
    let own = poll["my_vote"].as_u64().expect("a vote") as usize;
    assert_eq!(votes(&poll)[own], Some(1), "the option that the user is told");
}

#[tokio::test]
async fn every_vote_before_a_close_counts_and_none_after_it() {
    let world = World::start().await;
    let hans = world.host();
    let id = started(&hans, &json!({})).await;
    let users: Vec<_> = (0..60).map(|i| world.user(&format!("user{i}"))).collect();
    let voting = join_all(users.iter().map(|user| async move { vote(user, id, 0).await.status }));
    let closing = async {
        tokio::task::yield_now().await;
        close(&hans, id).await.ok()["poll"].clone()
    };
    let (statuses, result) = tokio::join!(voting, closing);
    let acknowledged = statuses.iter().filter(|status| **status == 200).count() as u64;
    assert!(statuses.iter().all(|status| matches!(status, 200 | 409)), "{statuses:?}");
    assert_eq!(total(&result), acknowledged, "what is acknowledged is in the result");
    assert_eq!(total(&read(&hans, id).await), acknowledged);
}

#[tokio::test]
async fn a_vote_whose_answer_is_lost_counts_once() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, ann) = (world.host(), world.user("ann"));
    let id = started(&hans, &json!({})).await;
    for option in [0, 1] {
        let mut is_first = true;
        proxy.judge(move |request| {
            let is_vote = request.operation == "TransactWriteItems";
            if is_vote && std::mem::take(&mut is_first) { Fate::CutAfter } else { Fate::Pass }
        });
        assert_eq!(vote(&ann, id, option).await.ok()["already_voted"], false);
        let poll = read(&ann, id).await;
        assert_eq!((&poll["total_votes"], &poll["my_vote"]), (&json!(1), &json!(option)));
    }
}
