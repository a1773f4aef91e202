//! Hundreds of short runs, several at a time. A run that fails prints the command that repeats it.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tests::faults::batches::{FAILED_AFTER, FAILED_BEFORE, FAILED_HALF_WAY, SPLIT};
use tests::history::Rule;
use tests::trial::Trial;
use tests::trial::crash::CrashTrial;
use tests::trial::profile::Profile;
use tests::trial::report::Report;

/// How many runs, unless `LIVE_CHAT_RUNS` says otherwise.
const RUNS: u64 = 210;
/// The minimum number of runs.
const MIN_RUNS: u64 = 200;
/// How many runs at a time: a run mostly waits.
const AT_ONCE: usize = 16;
/// Longer than all runs together take on the busiest machine: a run that reaches this hangs.
const TIME: Duration = Duration::from_secs(1_800);

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_short_runs_with_faults_break_no_promise() {
    let wanted = std::env::var("LIVE_CHAT_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    let first = std::env::var("LIVE_CHAT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let began = Instant::now();
    let mut verdicts = futures_util::stream::iter((first..first + wanted).take_while(|_| began.elapsed() < TIME))
        .map(|seed| tokio::spawn(Trial::short(seed).run()))
        .buffer_unordered(AT_ONCE);
    let mut report = Report::default();
    while let Some(verdict) = verdicts.next().await {
        report.add(&verdict.expect("a run does not panic"));
    }
    println!("{report}\n{} runs in {:.0} s", report.runs(), began.elapsed().as_secs_f64());
    assert!(report.is_good(), "{report}");
    let runs = report.runs();
    assert!(runs >= MIN_RUNS.min(wanted), "there were only {runs} runs");
    assert!(report.faults() >= 10 * runs && report.acknowledged() >= 5 * runs, "the runs did too little:\n{report}");
    for rule in Rule::ALL {
        assert!(report.judged(rule) >= runs, "{rule:?} had hardly anything to judge:\n{report}");
    }
    let kinds = [
        FAILED_BEFORE,
        FAILED_HALF_WAY,
        FAILED_AFTER,
        SPLIT,
        "clock: an hour back",
        "clock: an hour forward",
        "killed:",
        // How many of these fail depends on the machine: few of a run are made.
        "stream: a turn made way",
    ];
    for kind in kinds {
        assert!(report.faults_of(kind) > 0, "{kind:?} never happened:\n{report}");
    }
}

/// The number of runs within which `fan-out` must have failed and been killed.
const MAX_RUNS_IN_SLICES: u64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn runs_in_a_room_of_slices_whose_fan_out_fails_and_is_killed_break_no_promise() {
    let mut report = Report::default();
    let has_both = |report: &Report| report.faults_of("invocation:") > 0 && report.faults_of("killed: fan-out") > 0;
    // The flushes of a run depend on the machine, and so do the faults that hit one.
    for seed in 0..MAX_RUNS_IN_SLICES {
        report.add(&Trial::in_slices(seed).run().await);
        if has_both(&report) {
            break;
        }
    }
    println!("{report}");
    assert!(report.is_good() && has_both(&report), "{report}");
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
