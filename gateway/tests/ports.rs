//! The ports on which the real program listens, seen from outside: the kernel's list of its sockets.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let limited = tokio::time::timeout(Duration::from_secs(20), future).await;
    limited.unwrap_or_else(|_| panic!("{what} should have come within 20 seconds"))
}

/// The real program.
struct Program {
    child: Child,
    port: u16,
    token: String,
}

impl Program {
    /// Starts it with a data folder, and waits until it has printed its port and a token.
    async fn start(data: &Path, arguments: &[&str]) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.args(["--port", "0", "--data"]).arg(data).args(arguments).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut text = Vec::new();
        while !text.iter().any(|line| line == "Ctrl-C stops it.") {
            text.push(within("a line", lines.next_line()).await.expect("UTF-8").expect("it runs"));
        }
        let port = text[0].split(['(', ':', ' ']).find_map(|word| word.parse().ok()).expect("a port");
        let is_token = |line: &&String| line.starts_with("eyJ");
        let token = text.iter().find(is_token).expect("a token").clone();
        Program { child, port, token }
    }

    /// The ports of its sockets that listen.
    fn listening(&self) -> BTreeSet<u16> {
        let process = format!("/proc/{}", self.child.id().expect("it runs"));
        let open = fs::read_dir(format!("{process}/fd")).expect("it is our own").flatten();
        let own: BTreeSet<String> =
            open.filter_map(|file| Some(fs::read_link(file.path()).ok()?.to_str()?.to_owned())).collect();
        let sockets =
            ["tcp", "tcp6"].map(|kind| fs::read_to_string(format!("{process}/net/{kind}")).unwrap_or_default());
        sockets.iter().flat_map(|text| text.lines().skip(1)).filter_map(|line| listening_port(line, &own)).collect()
    }

    /// Says a word in its chat, and waits until the broadcast brings it back: everything inside has talked to everything then.
    async fn chat(&self) {
        let url = format!("ws://127.0.0.1:{}/live-chat/ws/1?token={}", self.port, self.token);
        let (mut socket, _) = within("a socket", connect_async(url)).await.expect("the handshake succeeds");
        let frame = r#"{"type":"message","message":"hello"}"#;
        within("space", socket.send(Message::text(frame))).await.expect("the socket takes it");
        loop {
            match within("the message", socket.next()).await {
                Some(Ok(Message::Text(text))) if text.contains("new_message") => return,
                Some(Ok(_)) => {}
                other => panic!("the message should come, not {other:?}"),
            }
        }
    }

    /// Ends it as Ctrl-C does.
    async fn stop(mut self) {
        let id = self.child.id().expect("it runs").to_string();
        let signal = Command::new("kill").args(["-INT", &id]).status();
        assert!(within("a signal", signal).await.expect("kill runs").success());
        assert!(within("its end", self.child.wait()).await.expect("our own child").success());
    }
}

/// The port in a line of `/proc/net/tcp`, if it listens and is one of these open files: `sl local_address rem_address st … inode`.
fn listening_port(line: &str, own: &BTreeSet<String>) -> Option<u16> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, state, inode) = (fields.get(1)?, *fields.get(3)?, fields.get(9)?);
    let is_own = own.contains(&format!("socket:[{inode}]"));
    if state != LISTEN || !is_own {
        return None;
    }
    u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()
}

#[tokio::test]
async fn a_local_run_listens_on_its_public_port_alone() {
    let data = tempfile::tempdir().expect("a folder");
    // What an earlier run with internal ports left when it was killed.
    let stale = data.path().join("aws.env");
    fs::write(&stale, "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1\n").expect("writable");
    let program = Program::start(data.path(), &[]).await;
    program.chat().await;
    assert_eq!(program.listening(), BTreeSet::from([program.port]));
    assert!(!stale.exists(), "no file names addresses where nobody is");
    program.stop().await;
}

#[tokio::test]
async fn internal_ports_are_open_on_request_while_their_file_is_there() {
    let data = tempfile::tempdir().expect("a folder");
    let program = Program::start(data.path(), &["--internal-ports"]).await;
    program.chat().await;
    let file = data.path().join("aws.env");
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).expect("it is ours");
    let variables: BTreeMap<_, _> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let port = |name: &str| variables[name].rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port");
    let internal = [port("AWS_ENDPOINT_URL_DYNAMODB"), port("AWS_ENDPOINT_URL_LAMBDA")];
    assert_eq!(program.listening(), BTreeSet::from([program.port, internal[0], internal[1]]));
    program.stop().await;
    assert!(!file.exists(), "nobody is at these addresses any more");
}
