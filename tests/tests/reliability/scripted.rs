//! Runs whose faults are scripted call by call, and slices whose function fails.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway::EngineMode;
use gateway::engine::{FunctionError, Middleware};
use jiff::Timestamp;
use serde_json::Value;
use tests::faults::batches::{AGAIN, Batches};
use tests::faults::kind::Kind;
use tests::faults::ledger::Ledger;
use tests::faults::plan::Step;
use tests::proxy::{Fate, Proxy};
use tests::trial::Trial;
use tests::trial::crowd::Crowd;
use tests::trial::profile::Profile;
use tests::world::World;

/// The number of attempts of each slice, by its first bucket.
type Tries = Arc<Mutex<BTreeMap<u64, u64>>>;

/// The faults of DynamoDB: each call that a message needs fails once.
fn script() -> Vec<Step> {
    let step = |about: &str, after: u64, kind| Step { about: about.to_owned(), after, kind };
    vec![
        step("PutItem rate", 1, Kind::ErrorAfterWrite),
        step("UpdateItem session", 0, Kind::CutAfter),
        step("TransactWriteItems messages", 0, Kind::Conflict),
        step("TransactWriteItems messages", 0, Kind::CutAfter),
        step("UpdateItem cursor", 0, Kind::ErrorAfterWrite),
        step("Query messages", 0, Kind::ServerError),
        step("PutItem messages", 0, Kind::CutAfter),
        step("Query room", 0, Kind::Throttled),
        step("UpdateItem cursor", 1, Kind::CutBefore),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_a_script_meets_every_step_and_breaks_no_promise() {
    for seed in 0..3 {
        let trial = Trial { profile: Profile::Gentle, script: script(), steps: 30, ..Trial::short(seed) };
        let verdict = trial.run().await;
        let counts = verdict.faults.counts();
        let of_the_table: u64 = counts.iter().filter(|(kind, _)| kind.starts_with("table:")).map(|(_, n)| n).sum();
        assert_eq!(of_the_table, script().len() as u64, "seed {seed}: {counts:?}");
        assert_eq!(verdict.breaches, [], "seed {seed}");
    }
}

/// A room of slices, each of which fails this many times at first; returns how often the stream's batch was delivered again.
async fn batches_again_if_each_slice_fails(times: u64) -> u64 {
    let (sockets, ledger) = (Proxy::start().await, Ledger::default());
    let batches = Batches::watched(0, &ledger);
    let (watched, tries) = (batches.middleware(), Tries::default());
    let counted = Arc::clone(&tries);
    let middleware = Middleware(Arc::new(move |name, code| {
        if name != "fan-out" {
            return (watched.0)(name, code);
        }
        let counted = Arc::clone(&counted);
        Arc::new(move |payload, context| {
            let job: Value = serde_json::from_slice(&payload).expect("a job");
            let mut counted = counted.lock().expect("nobody panics");
            let tries = counted.entry(job["slice"]["first"].as_u64().expect("a slice")).or_default();
            *tries += 1;
            if *tries <= times {
                let error = FunctionError { error_type: "Injected".to_owned(), error_message: "no slice".to_owned() };
                return Box::pin(async { Err(error) });
            }
            code(payload, context)
        })
    }));
    let url = format!("{}/live", sockets.url());
    let settings = [("WEBSOCKET_ENDPOINT", url.as_str())];
    let change = |options: &mut gateway::Options| options.middleware = Some(middleware);
    let world = World::start_on(EngineMode::InProcess, Timestamp::now(), &settings, change).await;
    sockets.set_target(&world.gateway.internal_url());
    let crowd = Crowd::default();
    let room = crowd.clone();
    sockets.judge(move |request| room.fate(request).unwrap_or(Fate::Pass));
    let mut socket = world.user("ann").connect().await;
    // A socket that joins a small room gets the viewer count without any slice.
    socket.next("viewer_count_update").await;
    crowd.enter(&world.store(), world.clock.now()).await;
    socket.say("to all slices").await;
    socket.until_messages(1).await;
    let tries = tries.lock().expect("nobody panics").clone();
    assert!(tries.len() >= 2 && tries.values().all(|count| *count > times), "tries by slice: {tries:?}");
    tests::within("the crowd's frames", async {
        while crowd.frames() < 1000 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    ledger.counts().get(AGAIN).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slice_whose_fan_out_fails_is_served_again_and_the_batch_is_not() {
    assert_eq!(batches_again_if_each_slice_fails(2).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slice_whose_fan_out_fails_again_and_again_is_served_when_the_batch_comes_again() {
    assert!(batches_again_if_each_slice_fails(3).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_of_fan_out_that_takes_more_than_a_second_is_made_once() {
    let sockets = Proxy::start().await;
    let url = format!("{}/live", sockets.url());
    let settings = [("WEBSOCKET_ENDPOINT", url.as_str())];
    let world = World::start_on(EngineMode::InProcess, Timestamp::now(), &settings, |_| {}).await;
    sockets.set_target(&world.gateway.internal_url());
    let mut socket = world.user("ann").connect().await;
    socket.next("viewer_count_update").await;
    let (crowd, posts) = (Crowd::default(), Arc::new(AtomicUsize::new(0)));
    let (room, counted) = (crowd.clone(), Arc::clone(&posts));
    sockets.judge(move |request| {
        room.fate(request).unwrap_or_else(|| match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Fate::Delay(Duration::from_millis(1_500)),
            _ => Fate::Pass,
        })
    });
    crowd.enter(&world.store(), world.clock.now()).await;
    for number in 1..=2 {
        socket.say("to all slices").await;
        socket.until_messages(number).await;
    }
    assert_eq!((posts.load(Ordering::SeqCst), socket.seqs()), (2, vec![1, 2]));
}
