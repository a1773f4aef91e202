//! A receiver that fails, hangs, takes what it answers with an error, or is down: each event comes at least once, under one id.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::event_receiver::ReceiverAnswer;
use tests::process::Process;

use super::*;

#[tokio::test]
async fn an_event_that_is_not_taken_waits_and_does_not_keep_others() {
    let (world, receiver) = open(&[]).await;
    let mona = world.moderator();
    receiver.answer(ReceiverAnswer::Status(500));
    let first = note(&mona, 1).await;
    let waiting = until_waiting(&world, 1).await;
    assert_eq!((&waiting[0]["failures"], &waiting[0]["error"]), (&json!(1), &json!("the answer was 500")));
    assert!(waiting[0].values().all(|value| !value.to_string().contains("ann")), "it holds nobody's id: {waiting:?}");
    receiver.answer(ReceiverAnswer::Status(204));
    let second = note(&mona, 2).await;
    receiver.until("the second", |received| received.iter().any(|one| one.id() == second)).await;
    // It is not due yet.
    world.housekeep().await;
    until_waiting(&world, 1).await;
    world.pass(61);
    world.housekeep().await;
    until_waiting(&world, 0).await;
    assert_eq!(counts(&receiver.received()), [(first, 2), (second, 1)].into());
}

#[tokio::test]
async fn a_receiver_that_takes_an_event_and_answers_with_an_error_gets_it_again_under_the_same_id() {
    let (world, receiver) = open(&[]).await;
    receiver.answer(ReceiverAnswer::Status(502));
    let id = note(&world.moderator(), 1).await;
    until_waiting(&world, 1).await;
    receiver.answer(ReceiverAnswer::Body("x".repeat(1_000_000)));
    world.pass(61);
    world.housekeep().await;
    until_waiting(&world, 0).await;
    let received = receiver.received();
    assert_eq!(counts(&received), [(id, 2)].into());
    assert_eq!(received[0].bytes, received[1].bytes);
    let signature = |nth: usize| received[nth].header("webhook-signature").to_owned();
    assert_ne!(signature(0), signature(1), "each try is signed with its own time");
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up_after_five_seconds_and_a_redirect_is_not_followed() {
    let (world, receiver) = open(&[]).await;
    let elsewhere = EventReceiver::start().await;
    receiver.answer(ReceiverAnswer::Nothing);
    let begun = Instant::now();
    let id = note(&world.moderator(), 1).await;
    let waiting = until_waiting(&world, 1).await;
    assert_eq!(waiting[0]["error"], "no answer came within 5 seconds");
    assert!(begun.elapsed() < Duration::from_secs(20));
    receiver.answer(ReceiverAnswer::Redirect(elsewhere.url.clone()));
    world.pass(61);
    world.housekeep().await;
    let waiting = until_waiting(&world, 1).await;
    assert_eq!((&waiting[0]["error"], &waiting[0]["failures"]), (&json!("the answer was 307"), &json!(2)));
    assert!(elsewhere.received().is_empty());
    receiver.answer(ReceiverAnswer::Status(200));
    world.pass(121);
    world.housekeep().await;
    until_waiting(&world, 0).await;
    assert_eq!(counts(&receiver.received()), [(id, 3)].into());
}

#[tokio::test]
async fn a_receiver_that_is_down_for_an_hour_costs_some_tries_a_minute_and_gets_everything() {
    const NOTES: usize = 40;
    let (world, receiver) = open(&[]).await;
    let mona = world.moderator();
    receiver.answer(ReceiverAnswer::Status(503));
    let mut ids = Vec::new();
    for nth in 0..NOTES {
        ids.push(note(&mona, nth).await);
    }
    until_waiting(&world, NOTES).await;
    let at_once = receiver.received().len();
    assert!(at_once <= 15, "while it is down, it is tried once in a while: {at_once}");
    for minute in 0..60 {
        let before = receiver.received().len();
        world.pass(61);
        world.housekeep().await;
        let tries = receiver.received().len() - before;
        assert!(tries <= 12, "{tries} in minute {minute}");
    }
    until_waiting(&world, NOTES).await;
    receiver.answer(ReceiverAnswer::Status(204));
    // The longest wait is an hour.
    for _ in 0..2 {
        world.pass(3600);
        world.housekeep().await;
    }
    until_waiting(&world, 0).await;
    let counts = counts(&receiver.received());
    assert!(ids.iter().all(|id| counts.contains_key(id)) && counts.len() == NOTES, "{counts:?}");
}

#[tokio::test]
async fn after_a_day_an_event_is_given_up_and_kept_for_two_weeks() {
    let (world, receiver) = open(&[]).await;
    receiver.answer(ReceiverAnswer::Status(400));
    let id = note(&world.moderator(), 1).await;
    until_waiting(&world, 1).await;
    let mut hours = 0;
    while rows(&world, "events#dead").await.is_empty() {
        assert!(hours < 26, "it is still tried after a day");
        world.pass(3600);
        world.housekeep().await;
        hours += 1;
    }
    assert!(hours >= 24, "it was given up after {hours} hours");
    until_waiting(&world, 0).await;
    let dead = rows(&world, "events#dead").await;
    assert_eq!((&dead[0]["sk"], &dead[0]["error"]), (&json!(format!("webhook#{id}")), &json!("the answer was 400")));
    let left = dead[0]["expires_at"].as_i64().expect("seconds") - world.clock.now().as_second();
    assert!((13 * 24 * 3600..=14 * 24 * 3600).contains(&left), "{left}");
}

#[tokio::test]
async fn a_function_that_is_killed_while_it_sends_sends_again() {
    let (world, receiver) = open(&[]).await;
    receiver.answer(ReceiverAnswer::Nothing);
    let id = note(&world.moderator(), 1).await;
    receiver.first("moderation.action").await;
    receiver.answer(ReceiverAnswer::Status(204));
    assert_eq!(world.gateway.kill_running("outward"), 1);
    receiver.until("the event again", |received| received.len() == 2).await;
    assert_eq!(counts(&receiver.received()), [(id, 2)].into());
    until_waiting(&world, 0).await;
}

#[tokio::test]
async fn whenever_the_function_is_killed_each_event_comes_at_least_once() {
    const NOTES: usize = 30;
    let (world, receiver) = open(&[]).await;
    let mona = world.moderator();
    let (mut ids, mut killed) = (Vec::new(), 0);
    for nth in 0..NOTES {
        // It takes some, takes and refuses others, and does not answer to the rest.
        receiver.answer(match nth % 3 {
            0 => ReceiverAnswer::Status(204),
            1 => ReceiverAnswer::Status(500),
            _ => ReceiverAnswer::Nothing,
        });
        ids.push(note(&mona, nth).await);
        for _ in 0..rand::random_range(0..2000) {
            tokio::task::yield_now().await;
        }
        killed += world.gateway.kill_running("outward");
    }
    assert!(killed > 0, "it was killed while it sent");
    receiver.answer(ReceiverAnswer::Status(204));
    tests::within("all events", async {
        while !ids.iter().all(|id| counts(&receiver.received()).contains_key(id)) {
            world.pass(61);
            world.housekeep().await;
        }
    })
    .await;
}

#[tokio::test]
async fn after_kill_9_of_everything_each_acknowledged_act_is_told() {
    let (folder, receiver) = (tempfile::tempdir().expect("a folder"), EventReceiver::start().await);
    let settings = [("LIVE_CHAT_WEBHOOK_URL", receiver.url.as_str()), ("LIVE_CHAT_WEBHOOK_SECRET", SECRET)];
    let mut ids = Vec::new();
    for round in 0..4 {
        let gateway = Process::start(folder.path(), &settings).await;
        // In the last round nobody acts: what is told follows from the rows.
        receiver.answer(if round == 3 { ReceiverAnswer::Status(204) } else { ReceiverAnswer::Nothing });
        if round < 3 {
            let mona = gateway.user_as("mona", "moderator");
            for nth in 0..5 {
                ids.push(note(&mona, nth).await);
            }
            gateway.kill_9().await;
        } else {
            receiver.until("each act", |received| ids.iter().all(|id| counts(received).contains_key(id))).await;
        }
    }
}
