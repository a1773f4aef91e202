//! A gateway in a process of its own: it can be killed, and its log can be read.

use std::path::Path;
use std::process::{ExitStatus, Stdio};

use gateway::token::{Claims, mint};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::log_guard::{self, Watch};
use crate::rest::User;
use crate::within;
use crate::world::SECRET;

/// See the module.
pub struct Process {
    child: Child,
    base: String,
    log: Lines,
    output: Lines,
    _watch: Watch,
}

/// The lines of a stream, as they arrive.
struct Lines {
    so_far: watch::Receiver<Vec<String>>,
    reading: JoinHandle<()>,
}

impl Lines {
    fn of(stream: impl AsyncRead + Unpin + Send + 'static, read: impl Fn(&str) + Send + 'static) -> Lines {
        let (sender, so_far) = watch::channel(Vec::new());
        let reading = tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                read(&line);
                sender.send_modify(|so_far| so_far.push(line));
            }
        });
        Lines { so_far, reading }
    }

    /// Waits for a line that the test is looking for.
    async fn find(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut so_far = self.so_far.clone();
        let wanted = |line: &&String| wanted(line.as_str());
        let found =
            within(what, async { so_far.wait_for(|lines| lines.iter().any(|line| wanted(&line))).await.is_ok() });
        assert!(found.await, "the process ended before {what}");
        self.so_far.borrow().iter().find(wanted).cloned().unwrap_or_default()
    }
}

/// The gateway's program, without this process's environment variables.
///
/// # Panics
/// If it was not built beside the tests.
pub fn command() -> Command {
    // Cargo builds a package's programs before its integration tests, next to the folder of the tests; the long run is such a
    // program itself.
    let own = std::env::current_exe().expect("this program has a path");
    let folders = own.ancestors().skip(1).take(2).map(|folder| folder.join("gateway-under-test"));
    let program = folders.into_iter().find(|program| program.exists()).expect("gateway-under-test was built");
    let mut command = Command::new(program);
    for (name, _) in std::env::vars() {
        if ["LIVE_CHAT_", "DRAW_", "JWT_", "PORT", "RUST_LOG"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds the gateway's program, for programs that `cargo test` did not start.
///
/// # Panics
/// If it does not build.
pub fn build() {
    let mut cargo = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", "tests", "--bin", "gateway-under-test", "--locked"]);
    let status = cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).status();
    assert!(status.is_ok_and(|status| status.success()), "the gateway does not build");
}

impl Process {
    /// Starts a gateway on a free port over this data folder, without a rate limit.
    pub async fn start(data: &Path, settings: &[(&str, &str)]) -> Process {
        Process::start_program(command(), data, settings).await
    }

    /// Starts a gateway that is not killed by a write beyond the limit of a file's size: the write fails, as on a full disk.
    pub async fn start_without_signal_of_file_size(data: &Path) -> Process {
        let gateway = command();
        // What a shell ignores, the program that it becomes ignores, too.
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"trap '' XFSZ; exec "$0" "$@""#]).arg(gateway.as_std().get_program());
        gateway.as_std().get_envs().filter(|(_, value)| value.is_none()).for_each(|(name, _)| {
            shell.env_remove(name);
        });
        Process::start_program(shell, data, &[]).await
    }

    async fn start_program(mut command: Command, data: &Path, settings: &[(&str, &str)]) -> Process {
        command.args(["--port", "0", "--data"]).arg(data);
        command.env("JWT_SECRET", SECRET).env("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0");
        command.env("LIVE_CHAT_HANDSHAKES_PER_MINUTE", "0").env("LIVE_CHAT_TICKETS_PER_MINUTE", "0");
        command.env("LIVE_CHAT_PAGES_PER_MINUTE", "0").env("RUST_LOG", log_guard::FILTER);
        log_guard::forbid(SECRET);
        command.envs(settings.iter().copied());
        Process::spawn(command).await
    }

    /// Starts the edge alone, in front of these APIs.
    pub async fn edge(http: &str, socket: &str) -> Process {
        Process::edge_with(http, socket, None).await
    }

    /// The same with a secret by which the functions behind the APIs know the edge.
    pub async fn edge_with(http: &str, socket: &str, origin_secret: Option<&str>) -> Process {
        let mut command = command();
        command.args(["--port", "0", "edge", "--http", http, "--socket", socket]);
        if let Some(secret) = origin_secret {
            log_guard::forbid(secret);
            command.env("LIVE_CHAT_ORIGIN_SECRET", secret);
        }
        Process::spawn(command).await
    }

    /// Starts the program and waits until it prints its address.
    async fn spawn(mut command: Command) -> Process {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the gateway starts");
        let log = Lines::of(child.stderr.take().expect("its log"), log_guard::read);
        // Its standard output contains a token on purpose.
        let output = Lines::of(child.stdout.take().expect("its output"), |_| {});
        let url =
            |line: &str| line.split_whitespace().find(|word| word.starts_with("http://localhost:")).map(str::to_owned);
        let line = output.find("the address", |line| url(line).is_some()).await;
        let base = url(&line).unwrap_or_default().trim_end_matches('/').replace("localhost", "127.0.0.1");
        Process { child, base, log, output, _watch: Watch::over(None) }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// A user of this gateway.
    pub fn user(&self, id: &str) -> User {
        self.user_with(Claims { sub: id.to_owned(), name: Some(format!("Name of {id}")), ..Claims::default() })
    }

    /// A user with a role.
    pub fn user_as(&self, id: &str, role: &str) -> User {
        self.user_with(Claims { sub: id.to_owned(), roles: vec![role.to_owned()], ..Claims::default() })
    }

    fn user_with(&self, claims: Claims) -> User {
        let token = mint(SECRET, &claims, Timestamp::now(), SignedDuration::from_hours(1)).expect("a token");
        User::new(&claims.sub, &token, &self.base)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Kills it with SIGKILL; returns its log.
    pub async fn kill_9(mut self) -> String {
        self.child.kill().await.expect("it can be killed");
        within("the log", self.log.reading).await.expect("the log is text");
        self.log.so_far.borrow().join("\n")
    }

    /// Ends it with SIGTERM; returns its exit status and its log.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn terminate(mut self) -> (ExitStatus, String) {
        let sent = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().await;
        assert!(sent.is_ok_and(|sent| sent.success()), "the signal is sent");
        let status = self.ended().await;
        within("the log", self.log.reading).await.expect("the log is text");
        let log = self.log.so_far.borrow().join("\n");
        (status, log)
    }

    /// Waits for a line of its log.
    pub async fn logged(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.log.find(what, wanted).await
    }

    /// Waits for a line of its standard output.
    pub async fn printed(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.output.find(what, wanted).await
    }

    /// Waits until it exits by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        within("its end", self.child.wait()).await.expect("it ends")
    }
}
