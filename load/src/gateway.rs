//! A gateway for one run: the same program, as a process of its own, with a database of its own.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::error::LoadError;

/// The limits that a run lifts, unless the environment sets them.
const LIMITS_OF_A_USER: [&str; 4] = [
    "LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE",
    "LIVE_CHAT_HANDSHAKES_PER_MINUTE",
    "LIVE_CHAT_TICKETS_PER_MINUTE",
    "LIVE_CHAT_PAGES_PER_MINUTE",
];
/// How long it may take to end before it is killed.
const END: Duration = Duration::from_secs(10);

/// See the module.
pub(crate) struct Gateway {
    child: Child,
    pub(crate) url: String,
    pub(crate) secret: String,
    _folder: tempfile::TempDir,
}

impl Gateway {
    pub(crate) async fn start(arguments: &[String]) -> Result<Gateway, LoadError> {
        let failed = |error: std::io::Error| LoadError::Gateway(error.to_string());
        let folder = tempfile::tempdir().map_err(failed)?;
        let secret = format!("{:032x}", rand::random::<u128>());
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(["--port", "0", "--data"]).arg(folder.path().join("data")).args(arguments);
        command.env("JWT_SECRET", &secret);
        // One user of a run does the work of many.
        for limit in LIMITS_OF_A_USER {
            if std::env::var_os(limit).is_none() {
                command.env(limit, "0");
            }
        }
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(failed)?;
        let output = child.stdout.take().ok_or_else(|| LoadError::Gateway("it has no output".to_owned()))?;
        let mut lines = BufReader::new(output).lines();
        let url = loop {
            let line = lines.next_line().await.map_err(failed)?;
            let line = line.ok_or_else(|| LoadError::Gateway("it ended before it listened".to_owned()))?;
            if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://localhost:")) {
                break url.replace("localhost", "127.0.0.1");
            }
        };
        // A full pipe would block it.
        tokio::task::spawn_local(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Gateway { child, url, secret, _folder: folder })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    pub(crate) async fn stop(mut self) {
        let pid = self.child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        let is_told = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        if !is_told || tokio::time::timeout(END, self.child.wait()).await.is_err() {
            let _has_ended = self.child.kill().await;
        }
    }
}
