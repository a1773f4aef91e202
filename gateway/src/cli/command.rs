//! The program, from its command line to its exit code.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use load::{LoadArgs, LoadError, TokenMaker};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::apis::upstream::Upstream;
use crate::cli::export::{self, ExportError};
use crate::cli::settings::{Cli, Command, EdgeArgs, EngineArg};
use crate::cli::token_args::TokenArgs;
use crate::cloud::database::Data;
use crate::cloud::engine::programs::{self, BuildError};
use crate::cloud::event_source_mapping::PollMode;
use crate::http::limits::Limits;
use crate::http::listeners::listen;
use crate::http::serve::serve;
use crate::local_cloud::environment_file;
use crate::local_cloud::gateway::Gateway;
use crate::local_cloud::options::{EngineMode, Options, StartError};
use crate::local_cloud::secret::secret_of;
use crate::site::page_settings::PageSettings;
use crate::site::pages::{self, PagesOptions};
use crate::site::token::{Claims, MintError, mint};
use cost::CostArgs;

/// The exit code if the program cannot start.
const CANNOT_START: u8 = 2;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("the token is not made: {0}")]
    Claims(String),
    #[error("set LIVE_CHAT_SERVICE_SECRET, with which the chat verifies tokens of services")]
    NoServiceSecret,
    #[error("standard output is closed: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Some(Command::Token(token)) => print_token(&cli, token),
        Some(Command::Edge(edge)) => run_edge(&cli, edge),
        Some(Command::Load(load)) => print_load(load),
        Some(Command::Cost(cost)) => print_cost(cost),
        Some(Command::Export(export)) => export::run(export).map_err(Failure::from),
        None => run(&cli),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _nobody_listens = writeln!(std::io::stderr(), "{failure}");
            ExitCode::from(CANNOT_START)
        }
    }
}

fn print_token(cli: &Cli, token: &TokenArgs) -> Result<(), Failure> {
    let secret = match (token.service, secret_of_environment()) {
        (true, _) => setting("LIVE_CHAT_SERVICE_SECRET").ok_or(Failure::NoServiceSecret)?,
        (false, Some(secret)) => secret,
        (false, None) => secret_of(&cli.data).map_err(StartError::from)?,
    };
    let claims = token.claims().map_err(Failure::Claims)?;
    let token = mint(&secret, &claims, token.issued_at(), token.ttl())?;
    Ok(writeln!(std::io::stdout(), "{token}")?)
}

fn secret_of_environment() -> Option<String> {
    setting("JWT_SECRET")
}

fn setting(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// Prints the figures of a run, as a page or as JSON.
fn print_load(args: &LoadArgs) -> Result<(), Failure> {
    let report = load::run(args, TokenMaker { secret: secret_of_environment(), mint: token_of_load })?;
    let text = if args.json {
        serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?
    } else {
        report.to_string()
    };
    Ok(writeln!(std::io::stdout(), "{}", text.trim_end())?)
}

fn print_cost(args: &CostArgs) -> Result<(), Failure> {
    let page = args.page().map_err(std::io::Error::other)?;
    Ok(writeln!(std::io::stdout(), "{}", page.trim_end())?)
}

fn token_of_load(secret: &str, user: &str) -> Result<String, String> {
    let claims = Claims { sub: user.to_owned(), name: Some(user.to_owned()), ..Claims::default() };
    mint(secret, &claims, Timestamp::now(), SignedDuration::from_hours(12)).map_err(|error| error.to_string())
}

#[tokio::main]
async fn run(cli: &Cli) -> Result<(), Failure> {
    log_to_stderr();
    // Each socket is an open file, and many systems allow a thousand where more may be asked for.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let options = Options {
        host: cli.host,
        port: cli.port,
        data: cli.data(),
        environment: settings_of_the_chat(),
        engine: engine(&cli.engine)?,
        internal_ports: cli.internal_ports,
        limits: Limits {
            management_requests_per_second: cli.management_requests_per_second,
            concurrent_executions: cli.concurrent_executions,
            ..Limits::default()
        },
        polling: if cli.poll { PollMode::Interval } else { PollMode::WokenByWrites },
        ..Options::default()
    };
    // Both signals are caught before the address is printed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let gateway = Gateway::start(options).await?;
    writeln!(std::io::stdout(), "{}", welcome(&gateway, cli)?)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    gateway.stop().await;
    Ok(())
}

#[tokio::main]
async fn run_edge(cli: &Cli, behind: &EdgeArgs) -> Result<(), Failure> {
    log_to_stderr();
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listeners = listen(cli.host, cli.port).await.map_err(StartError::from)?;
    let port = listeners[0].local_addr()?.port();
    let upstream = Upstream {
        http: behind.http.clone(),
        socket: behind.socket.clone(),
        origin_secret: behind.origin_secret.clone(),
        pages: pages::router(PagesOptions { token_issuer: None, store: None, settings: PageSettings::default() }),
        limits: Limits::default(),
    };
    writeln!(std::io::stdout(), "Edge on http://localhost:{port}\nCtrl-C stops it.")?;
    let serving = tokio::spawn(serve(listeners, Arc::new(upstream), stop.clone()));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.cancel();
    Ok(serving.await.map_err(std::io::Error::other)?)
}

fn log_to_stderr() {
    // A refused condition is an answer like any other, which the embedded engine would log as a warning.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,dynoxide=error"));
    // Colours are for terminals: a file or a pipe gets plain text.
    let is_read_by_a_person = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_ansi(is_read_by_a_person).with_env_filter(filter);
    log.with_writer(std::io::stderr).init();
}

fn engine(argument: &EngineArg) -> Result<EngineMode, Failure> {
    Ok(match argument {
        EngineArg::InProcess => EngineMode::InProcess,
        EngineArg::Process => EngineMode::Processes(programs::build(&[])?),
        EngineArg::Http(endpoint) => EngineMode::Remote(endpoint.clone()),
    })
}

/// Only the chat's own settings, and how much is logged, are taken from the environment: real AWS credentials have no business here.
fn settings_of_the_chat() -> BTreeMap<String, String> {
    let is_setting =
        |name: &str| ["LIVE_CHAT_", "DRAW_", "JWT_", "RUST_LOG"].iter().any(|prefix| name.starts_with(prefix));
    std::env::vars().filter(|(name, _)| is_setting(name)).collect()
}

/// Where it listens, a token, and three lines to paste.
fn welcome(gateway: &Gateway, cli: &Cli) -> Result<String, MintError> {
    let port = gateway.address().port();
    let addresses: Vec<String> = gateway.addresses().iter().map(ToString::to_string).collect();
    let place = match cli.data() {
        Data::Folder(folder) => format!("data in {}", folder.display()),
        Data::Memory => "data is not kept".to_owned(),
    };
    let mut text = format!("Live chat on http://localhost:{port} ({}), {place}\n", addresses.join(" and "));
    if let Some(secret) = gateway.development_secret() {
        let claims = Claims { sub: "alice".to_owned(), name: Some("Alice".to_owned()), ..Claims::default() };
        let token = mint(secret, &claims, Timestamp::now(), SignedDuration::from_hours(12))?;
        text += &format!(
            "\nA token for Alice, good for 12 hours:\n{token}\n\nTry:\n  \
             curl -H \"Authorization: Bearer {token}\" http://localhost:{port}/live-chat/status\n  \
             wscat -c \"ws://localhost:{port}/live-chat/ws/1?token={token}\"\n  \
             http://localhost:{port}/    in two browser windows\n"
        );
    }
    if let EngineArg::Http(endpoint) = &cli.engine {
        let file = gateway.folder().join(environment_file::FUNCTIONS);
        text += &format!("\nFunctions run at {endpoint}; their environment is in {}.\n", file.display());
    }
    if gateway.has_internal_ports() {
        let file = gateway.folder().join(environment_file::TOOLS);
        text += &format!("\nThe key and the addresses for tools such as the AWS CLI are in {}.\n", file.display());
    }
    text += "\nCtrl-C stops it.";
    Ok(text)
}
