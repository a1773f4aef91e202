//! A gateway in a process of its own: it can be killed, and its log can be read.

use std::path::Path;
use std::process::{ExitStatus, Stdio};

use gateway::token::{Claims, mint};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::rest::User;
use crate::within;
use crate::world::SECRET;

/// See the module.
pub struct Process {
    child: Child,
    base: String,
    log: JoinHandle<String>,
}

/// The gateway's program, with nothing of this process's settings.
///
/// # Panics
/// If it was not built beside the tests.
pub fn command() -> Command {
    // Cargo builds a package's programs before its integration tests, beside the folder in which these are.
    let tests = std::env::current_exe().expect("this program has a path");
    let program = tests.parent().and_then(Path::parent).expect("a target folder").join("gateway-under-test");
    assert!(program.exists(), "{} is missing", program.display());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars() {
        if ["LIVE_CHAT_", "DRAW_", "JWT_", "PORT", "RUST_LOG"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

impl Process {
    /// Starts a gateway on a free port over this data folder, without a rate limit.
    pub async fn start(data: &Path, settings: &[(&str, &str)]) -> Process {
        let mut command = command();
        command.args(["--port", "0", "--data"]).arg(data);
        command.env("JWT_SECRET", SECRET).env("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0");
        command.envs(settings.iter().copied());
        Process::spawn(command).await
    }

    /// Starts the edge alone, in front of these doors.
    pub async fn edge(http: &str, socket: &str) -> Process {
        let mut command = command();
        command.args(["--port", "0", "edge", "--http", http, "--socket", socket]);
        Process::spawn(command).await
    }

    /// Starts it and waits until it says where it listens.
    async fn spawn(mut command: Command) -> Process {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the gateway starts");
        let mut log = child.stderr.take().expect("its log");
        let log = tokio::spawn(async move {
            let mut text = Vec::new();
            let _read_to_the_end = log.read_to_end(&mut text).await;
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let base = within("the address", async {
            loop {
                let line = lines.next_line().await.expect("readable").expect("the gateway says where it listens");
                if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://localhost:")) {
                    return url.trim_end_matches('/').replace("localhost", "127.0.0.1");
                }
            }
        })
        .await;
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Process { child, base, log }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// A user of it.
    pub fn user(&self, id: &str) -> User {
        let claims = Claims { sub: id.to_owned(), email: Some(format!("{id}@example.org")), ..Claims::default() };
        let token = mint(SECRET, &claims, Timestamp::now(), SignedDuration::from_hours(1)).expect("a token");
        User::new(id, &token, &self.base)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Kills it with SIGKILL; answers with its log.
    pub async fn kill_9(mut self) -> String {
        self.child.kill().await.expect("it can be killed");
        within("the log", self.log).await.expect("the log is text")
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        within("its end", self.child.wait()).await.expect("it ends")
    }
}
