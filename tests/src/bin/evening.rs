//! An evening as a host: plays it, and prints what viewers, spammers and the moderator noticed. `--spammers 0` is a quiet one to compare.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tests::evening::Evening;

/// Plays an evening with spammers.
#[derive(Parser)]
struct Arguments {
    /// Honest viewers.
    #[arg(long, default_value_t = 475)]
    viewers: usize,
    /// Users who spam.
    #[arg(long, default_value_t = 25)]
    spammers: usize,
    /// The length of the evening, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { viewers, spammers, seconds } = Arguments::parse();
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit of open files can be raised");
    let report = Evening { viewers, spammers, length: Duration::from_secs(seconds) }.play().await;
    println!("{report}");
    if report.is_kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
