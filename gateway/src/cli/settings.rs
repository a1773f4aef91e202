//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use axum::http::HeaderValue;
use clap::{Args, Parser, Subcommand};
use cost::CostArgs;
use load::LoadArgs;
use shared::domain::config::is_origin_secret;

use super::export::ExportArgs;
use super::token_args::TokenArgs;
use crate::apis::upstream::Target;
use crate::cloud::database::Data;
use crate::cloud::engine::concurrency::ACCOUNT_QUOTA;

/// The whole live chat on this machine. Settings of the chat come from the environment: see the README.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 8000)]
    pub port: u16,
    /// Address to listen on [default: 127.0.0.1 and ::1]. Beyond loopback the page gets no development tokens.
    #[arg(long)]
    pub host: Option<IpAddr>,
    /// Folder for data.
    #[arg(long, default_value = ".live-chat", global = true)]
    pub data: PathBuf,
    /// Keep nothing: a temporary folder instead of one that stays.
    #[arg(long, conflicts_with = "data")]
    pub memory: bool,
    /// Read the stream four times a second, as Lambda does, instead of on every write.
    #[arg(long)]
    pub poll: bool,
    /// Requests a second that `@connections` takes; beyond them it answers 429, as AWS does past an account's 10,000. 0 lifts the
    /// limit.
    #[arg(long, default_value_t = 0)]
    pub management_requests_per_second: u32,
    /// Executions of functions at the same time; beyond them, Lambda refuses. An AWS account begins with 1,000, a new one with fewer.
    #[arg(long, default_value_t = ACCOUNT_QUOTA)]
    pub concurrent_executions: usize,
    /// What runs the functions: in-process, process (the real Lambda binaries, built by cargo), or the address of any Lambda
    /// Invoke endpoint, such as http://127.0.0.1:9000 for `cargo lambda watch`.
    #[arg(long, default_value = "in-process")]
    pub engine: EngineArg,
    /// Open the internal ports of loopback even if no function needs them: for tools such as the AWS CLI, which find the addresses and
    /// this run's access key in the data folder's aws.env. With --engine in-process, nothing but --port listens otherwise.
    #[arg(long, env = "LIVE_CHAT_INTERNAL_PORTS")]
    pub internal_ports: bool,
    /// A command other than running the chat.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Where data is kept.
    pub fn data(&self) -> Data {
        if self.memory { Data::Memory } else { Data::Folder(self.data.clone()) }
    }
}

/// What runs the functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineArg {
    /// The handlers in this process.
    InProcess,
    /// The bootstrap binaries.
    Process,
    /// A Lambda Invoke endpoint.
    Http(String),
}

impl FromStr for EngineArg {
    type Err = String;

    fn from_str(text: &str) -> Result<EngineArg, String> {
        match text {
            "in-process" => Ok(EngineArg::InProcess),
            "process" => Ok(EngineArg::Process),
            _ if text.starts_with("http://") && text.len() > 7 => Ok(EngineArg::Http(text.to_owned())),
            _ => Err("an engine is in-process, process or http://HOST:PORT".to_owned()),
        }
    }
}

/// The other commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print one development token and nothing else.
    Token(TokenArgs),
    /// Run the edge alone, in front of APIs that run elsewhere.
    Edge(EdgeArgs),
    /// Measure a chat under load.
    Load(LoadArgs),
    /// Print what an event costs in the cloud.
    Cost(CostArgs),
    /// Write the export of a session to standard output.
    Export(ExportArgs),
}

/// The APIs behind the edge.
#[derive(Debug, Args)]
pub struct EdgeArgs {
    /// The HTTP API, such as http://127.0.0.1:4566/_aws/execute-api/ID/$default.
    #[arg(long)]
    pub http: Target,
    /// The WebSocket API with its stage.
    #[arg(long)]
    pub socket: Target,
    /// The secret by which the functions behind these APIs know the edge, as CloudFront sends it.
    #[arg(long, env = "LIVE_CHAT_ORIGIN_SECRET", hide_env_values = true, value_parser = origin_secret)]
    pub origin_secret: Option<HeaderValue>,
}

fn origin_secret(text: &str) -> Result<HeaderValue, String> {
    let secret = HeaderValue::from_str(text).ok().filter(|_| is_origin_secret(text));
    let mut secret = secret.ok_or_else(|| "a secret of the edge has 32 to 64 letters and digits".to_owned())?;
    secret.set_sensitive(true);
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_secret_of_the_edge_has_a_length_and_is_not_shown() {
        let secret = origin_secret(&"a".repeat(32)).unwrap();
        assert_eq!(format!("{secret:?}"), "Sensitive");
        for wrong in ["", "short", &"a".repeat(65), &format!("{}\n", "a".repeat(32)), &format!("{},b", "a".repeat(32))]
        {
            assert!(origin_secret(wrong).is_err_and(|sentence| !sentence.contains("aaa")), "{wrong:?}");
        }
    }
}
