//! Hundreds of short runs, several at a time. A run that fails prints the command that repeats it.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tests::trial::Trial;
use tests::trial::crash::CrashTrial;
use tests::trial::profile::Profile;
use tests::trial::report::Report;

/// How many runs, unless `LIVE_CHAT_RUNS` says otherwise.
const RUNS: u64 = 200;
/// No run begins after this long, so that a slow machine does less of the same.
const TIME: Duration = Duration::from_secs(180);
/// How many at a time: a run waits more than it works.
const AT_ONCE: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_short_runs_with_faults_break_no_promise() {
    let runs = std::env::var("LIVE_CHAT_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    let first = std::env::var("LIVE_CHAT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let began = Instant::now();
    let mut verdicts = futures_util::stream::iter((first..first + runs).take_while(|_| began.elapsed() < TIME))
        .map(|seed| tokio::spawn(Trial::short(seed).run()))
        .buffer_unordered(AT_ONCE);
    let mut report = Report::default();
    while let Some(verdict) = verdicts.next().await {
        report.add(&verdict.expect("a run does not panic"));
    }
    println!("{report}");
    assert!(report.is_good(), "{report}");
    let runs = report.runs();
    assert!(
        runs > 0 && report.faults() >= 10 * runs && report.acknowledged() >= 5 * runs,
        "the runs did too little:\n{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_whose_function_processes_are_killed_break_no_promise() {
    let mut report = Report::default();
    for seed in 0..3 {
        let trial = Trial { profile: Profile::Kills, engine: tests::engines::processes(), ..Trial::short(seed) };
        report.add(&trial.run().await);
    }
    println!("{report}");
    assert!(report.is_good() && report.faults() > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_whose_gateway_is_killed_break_no_promise() {
    let mut report = Report::default();
    for seed in 0..3 {
        report.add(&CrashTrial::short(seed).run().await);
    }
    println!("{report}");
    assert!(report.is_good() && report.faults() == 12, "{report}");
}
