//! The long run: short runs with new seeds until the time is up, and a table at the end. `--runs 1` repeats one seed.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use futures_util::StreamExt;
use tests::engines;
use tests::trial::Trial;
use tests::trial::crash::CrashTrial;
use tests::trial::report::Report;

/// Runs the chat under faults and checks its promises.
#[derive(Parser)]
struct Arguments {
    /// The first seed; every run takes the next one.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How long to begin new runs.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// At most so many runs.
    #[arg(long, default_value_t = u64::MAX)]
    runs: u64,
    /// Runs at a time.
    #[arg(long, default_value_t = 6)]
    at_once: usize,
    /// Functions run as processes, which are killed by their ids.
    #[arg(long)]
    processes: bool,
    /// The gateway itself is killed and started again.
    #[arg(long)]
    crashes: bool,
    /// In a room of more than a slice, with failing and killed `fan-out`.
    #[arg(long)]
    slices: bool,
    /// Where to write the numbers as JSON, for `docs/reliability.py`.
    #[arg(long)]
    json: Option<std::path::PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.crashes {
        tests::process::build();
    }
    let until = Instant::now() + Duration::from_secs(60 * arguments.minutes);
    let seeds = (arguments.seed..).take(usize::try_from(arguments.runs).unwrap_or(usize::MAX));
    let seeds = seeds.take_while(|_| Instant::now() < until);
    let run = |seed| {
        let (processes, crashes) = (arguments.processes, arguments.crashes);
        let trial = if arguments.slices { Trial::in_slices(seed) } else { Trial::short(seed) };
        tokio::spawn(async move {
            match (crashes, processes) {
                (true, _) => CrashTrial::short(seed).run().await,
                (false, true) => Trial { engine: engines::processes(), ..trial }.run().await,
                (false, false) => trial.run().await,
            }
        })
    };
    let mut verdicts = futures_util::stream::iter(seeds).map(run).buffer_unordered(arguments.at_once.max(1));
    let (mut report, mut panics) = (Report::default(), 0);
    while let Some(verdict) = verdicts.next().await {
        match verdict {
            Ok(verdict) => {
                for breach in &verdict.breaches {
                    println!("seed {}: {}: {}", verdict.seed, breach.rule.name(), breach.what);
                }
                report.add(&verdict);
            }
            Err(panic) => {
                panics += 1;
                println!("a run ended in a panic: {panic}");
            }
        }
    }
    println!("{report}");
    if let Some(file) = arguments.json {
        std::fs::write(file, report.json().to_string()).expect("the numbers can be written");
    }
    if report.is_good() && panics == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
