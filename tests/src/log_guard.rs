//! Reads every line that is logged while tests run, by gateways and handlers in this process, the bootstrap binaries, and
//! gateways in processes of their own. No line may contain a token, a secret, a message's text, a name or an e-mail address.
//! The clients of this harness register the texts that tests send; a test fails if a bad line is found in it.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, RwLock};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// The log levels of the lines that are read: everything from our own crates, except the thousands of lines per second that a busy
/// room causes at the internal port, which another test reads (`gateway/tests/apis/access_log.rs`).
pub const FILTER: &str = "info,shared=debug,functions=debug,gateway=debug,gateway::http::service=info,dynoxide=error";
/// A text is looked up by this many of its first bytes, and compared by at most this many.
const INDEXED: usize = 6;
const COMPARED: usize = 16;
/// A plain word shorter than this might occur in any line.
const MAX_WORD: usize = 12;
/// The prefixes of secrets and of every name that the harness generates.
const MARKS: [&str; 5] = ["token=", "ticket=", "Bearer ", "bearer,", "Name of "];
/// A marker line: once it is read, so are all lines before it.
const MILESTONE: &str = "\u{1}so far";

/// The beginnings of all forbidden texts, by their first bytes.
type Beginnings = HashMap<[u8; INDEXED], HashSet<Vec<u8>>>;

static BEGINNINGS: LazyLock<RwLock<Beginnings>> = LazyLock::new(RwLock::default);
static BAD_LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Forbids a text in all lines from now on.
pub fn forbid(text: &str) {
    let mut beginnings = BEGINNINGS.write().unwrap_or_else(|poisoned| poisoned.into_inner());
    add(&mut beginnings, text);
}

fn add(beginnings: &mut Beginnings, text: &str) {
    let text = text.trim().as_bytes();
    let is_word = text.len() <= MAX_WORD && text.iter().all(u8::is_ascii_lowercase);
    let is_number = text.iter().all(u8::is_ascii_digit);
    if let Some(index) = text.first_chunk()
        && !is_word
        && !is_number
    {
        beginnings.entry(*index).or_default().insert(text[..text.len().min(COMPARED)].to_vec());
    }
}

/// Forbids the texts of a frame or a body.
pub fn forbid_in(json: &str) {
    match serde_json::from_str::<Value>(json) {
        Ok(json) => ["message", "client_message_id"].iter().filter_map(|field| json[*field].as_str()).for_each(forbid),
        Err(_) => forbid(json),
    }
}

/// Reads one line.
pub fn read(line: &str) {
    let beginnings = BEGINNINGS.read().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(what) = offence(line, &beginnings) {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let bad_line = format!("{what} (by {test}) in the line: {line}");
        // Printed in addition to the panic, because the test that panics may not be the one that logged the line.
        let _nobody_listens = writeln!(io::stderr(), "{bad_line}");
        bad_lines().push(bad_line);
    }
}

/// Fails if there was any bad line since the last call.
///
/// # Panics
/// With those lines.
pub fn assert_clean() {
    let bad_lines = std::mem::take(&mut *bad_lines());
    assert!(bad_lines.is_empty(), "the log holds what it must not:\n{}", bad_lines.join("\n"));
}

fn bad_lines() -> MutexGuard<'static, Vec<String>> {
    BAD_LINES.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn offence(line: &str, beginnings: &Beginnings) -> Option<String> {
    if let Some(mark) = MARKS.iter().find(|mark| line.contains(**mark)) {
        return Some(format!("{mark:?}"));
    }
    let bytes = line.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    for (start, _) in line.match_indices("eyJ") {
        // Shorter matches can be connection ids.
        if bytes[start..].iter().take_while(|byte| is_word(byte)).count() >= 24 {
            return Some("a JWT".to_owned());
        }
    }
    for (at, _) in line.match_indices('@') {
        let domain: Vec<u8> =
            bytes[at + 1..].iter().copied().take_while(|byte| is_word(byte) || *byte == b'.').collect();
        if at > 0 && bytes[at - 1].is_ascii_alphanumeric() && domain.contains(&b'.') {
            return Some("an e-mail address".to_owned());
        }
    }
    let starts = (0..bytes.len()).filter(|at| *at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
    for rest in starts.map(|start| &bytes[start..]) {
        let known = rest.first_chunk().and_then(|index| beginnings.get(index));
        let is_whole = |text: &[u8]| {
            text.len() == COMPARED || rest.get(text.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
        };
        let found = known.into_iter().flatten().find(|text| rest.starts_with(text) && is_whole(text));
        if let Some(text) = found {
            return Some(format!("{:?}", String::from_utf8_lossy(text)));
        }
    }
    None
}

/// Has every line of this process read; lines of level `warn`, or as `RUST_LOG` says, are shown with a failing test.
pub fn install() {
    let shown = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,dynoxide=error"));
    let show = fmt::layer().with_ansi(false).with_test_writer().with_filter(shown);
    let read = fmt::layer().with_ansi(false).with_writer(Reader).with_filter(EnvFilter::new(FILTER));
    let _set_by_another_test = tracing_subscriber::registry().with(show).with(read).try_init();
}

/// Takes one whole line at a time from the subscriber.
#[derive(Clone, Copy)]
struct Reader;

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        read(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Reader {
    type Writer = Reader;

    fn make_writer(&self) -> Reader {
        Reader
    }
}

/// The pipe to which the bootstrap binaries of one world write their lines. Dropping it waits until all written lines are read.
pub struct Pipe {
    writer: PipeWriter,
    milestones: Mutex<Receiver<()>>,
}

impl Pipe {
    /// A pipe whose lines are read.
    ///
    /// # Panics
    /// If no pipe can be created.
    pub fn open() -> Pipe {
        let (reader, writer) = io::pipe().expect("a pipe");
        let (passed, milestones) = channel();
        // Named like the test, because this thread's lines belong to it.
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let reading = std::thread::Builder::new().name(test).spawn(move || read_lines(reader, &passed));
        reading.expect("a thread");
        Pipe { writer, milestones: Mutex::new(milestones) }
    }

    /// The end that the processes write to.
    ///
    /// # Panics
    /// If it cannot be duplicated.
    pub fn for_processes(&self) -> Arc<OwnedFd> {
        Arc::new(self.writer.try_clone().expect("a second end").into())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        if self.writer.write_all(format!("\n{MILESTONE}\n").as_bytes()).is_ok() {
            let milestones = self.milestones.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
            let _read_up_to_here = milestones.recv_timeout(crate::TIMEOUT);
        }
    }
}

fn read_lines(reader: PipeReader, passed: &Sender<()>) {
    for line in BufReader::new(reader).split(b'\n') {
        let Ok(line) = line else { return };
        let line = String::from_utf8_lossy(&line);
        if line.contains(MILESTONE) {
            let _nobody_waits = passed.send(());
        } else {
            read(&line);
            if line.contains("\"WARN\"") || line.contains("\"ERROR\"") || !line.starts_with('{') {
                println!("{line}");
            }
        }
    }
}

/// Fails the test in which it is dropped if any line was bad.
pub struct Watch {
    pipe: Option<Pipe>,
}

impl Watch {
    /// Watches this process's lines, and those of a pipe.
    pub fn over(pipe: Option<Pipe>) -> Watch {
        Watch { pipe }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.pipe.take());
        if !std::thread::panicking() {
            assert_clean();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_lines_are_found_and_good_ones_pass() {
        let mut beginnings = Beginnings::new();
        for text in ["a very private text", "secret 7", "second", "123456"] {
            add(&mut beginnings, text);
        }
        for bad in [
            "GET /live-chat/ws/1?token=abc",
            "authorization: Bearer abc",
            "key eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIi",
            "to ann.lee@example.org, at once",
            "text=\"a very private text\"",
            "the secret 7, then",
            "by Name of ann",
        ] {
            assert!(offence(bad, &beginnings).is_some(), "{bad}");
        }
        for good in [
            "POST /live/@connections/eyJ0eXAiOiJKV1Q=",
            "connection.id=eyJ0eXAiOiJKV1Q= delay_ms=12",
            "http.path=/live-chat/send-message http.status=200",
            "timed out after 10 seconds, or a second; secret 77; duration_ms=123456",
        ] {
            assert_eq!(offence(good, &beginnings), None, "{good}");
        }
    }
    #[test]
    fn a_line_of_another_process_is_read_before_its_world_is_gone() {
        let pipe = Pipe::open();
        let end = pipe.for_processes().try_clone().expect("another end");
        let mut child = std::process::Command::new("echo");
        let status = child.arg("GET /?token=abc, said a child").stdout(std::process::Stdio::from(end)).status();
        assert!(status.expect("it runs").success());
        drop((child, pipe));
        let bad_lines = std::mem::take(&mut *super::bad_lines());
        assert!(bad_lines.iter().any(|line| line.contains("said a child")), "{bad_lines:?}");
    }
}
