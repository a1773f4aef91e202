//! `cargo run -p endpoints`: handshakes with AWS's endpoints in each region, with the roots that the functions trust.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use endpoints::{regions, survey};
use shared::platform::aws::trust;

/// Makes a TLS handshake with every endpoint that the functions call, and fails if one is not signed by the roots that they trust.
#[derive(Parser)]
struct Args {
    /// Partitions of AWS, separated by commas: aws, aws-us-gov, aws-eusc, aws-cn.
    #[arg(long, value_delimiter = ',', default_value = "aws")]
    partition: Vec<String>,
    /// Seconds that one attempt may take.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Handshakes at once.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=64))]
    at_once: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let endpoints = match regions::endpoints(&args.partition) {
        Ok(endpoints) => endpoints,
        Err(error) => {
            println!("{error}");
            return ExitCode::from(2);
        }
    };
    let at_once = usize::try_from(args.at_once).unwrap_or(usize::MAX);
    let asked = survey::survey(endpoints, trust::tls(), Duration::from_secs(args.seconds), at_once).await;
    print!("{}", survey::report(&asked));
    if survey::all_trusted(&asked) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
