//! `gateway export`: the program, against a gateway.

use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::{Value, json};
use tests::filled::fill;
use tests::process::command;
use tests::proxy::Fate;
use tests::within;
use tests::world::World;
use tokio::io::AsyncReadExt;

use super::{pages, say, sha256, text_of};

/// What the program printed, and whether it succeeded.
struct Ran {
    is_ok: bool,
    stdout: Vec<u8>,
    stderr: String,
    /// The most memory that it had by its last output, in MiB.
    peak_mib: f64,
}

/// Runs `export` with these arguments; the token is in its environment.
async fn export(url: &str, token: &str, line: &str) -> Ran {
    let mut program = command();
    program.args(["export", "--url", url]).args(line.split_whitespace()).env("LIVE_CHAT_TOKEN", token);
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("it runs");
    let id = child.id().expect("it runs");
    let (mut stdout, mut stderr) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
    let (mut read, mut buffer, mut peak_mib) = (Vec::new(), vec![0; 1 << 16], 0.0);
    let reading = async {
        while let Ok(bytes @ 1..) = stdout.read(&mut buffer).await {
            read.extend_from_slice(&buffer[..bytes]);
            peak_mib = peak_of(id).unwrap_or(peak_mib);
        }
    };
    within("the end of its output", reading).await;
    let mut said = String::new();
    stderr.read_to_string(&mut said).await.expect("text");
    let is_ok = within("its end", child.wait()).await.expect("it ends").success();
    Ran { is_ok, stdout: read, stderr: said, peak_mib }
}

/// The most memory that a process had, in MiB.
fn peak_of(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// The most memory that a process of a function had, if functions are processes of this one.
fn peak_of_function(name: &str) -> Option<f64> {
    let own = std::process::id().to_string();
    let is_child = |id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let mut after_name = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        stat.contains(&format!("({name})")) && after_name.nth(1) == Some(&own)
    };
    let ids = std::fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(is_child).filter_map(peak_of).reduce(f64::max)
}

#[tokio::test]
async fn the_program_prints_what_the_pages_have_and_nothing_else() {
    let world = World::start().await;
    say(&world, &world.user("ann"), "hello").await;
    let hans = world.user_as("hans", "host");
    let url = world.gateway.url();
    for (line, query) in [
        ("--session 1", ""),
        ("--room main --include-deleted", "include_deleted=true"),
        ("--session 1 --format csv --user-id ann", "format=csv&user_id=ann"),
        ("--session 1 --format vtt --start 0", "format=vtt&start=0"),
        ("--session 1 --after 1", "after=1"),
    ] {
        let ran = export(&url, &hans.token, line).await;
        assert!(ran.is_ok, "{line}: {}", ran.stderr);
        assert_eq!(String::from_utf8_lossy(&ran.stdout), text_of(&pages(&hans, query).await), "{line}");
        assert_eq!(ran.stderr, "", "nothing is said but to a terminal");
    }
}

#[tokio::test]
async fn the_program_says_why_an_export_is_not_there_and_fails() {
    let world = World::start().await;
    say(&world, &world.user("ann"), "hello").await;
    let (hans, url) = (world.user_as("hans", "host"), world.gateway.url());
    for (token, line, word) in [
        (&world.user("ann").token, "--session 1", "(403 Forbidden)"),
        (&"no-token".to_owned(), "--session 1", "(401 Unauthorized)"),
        (&hans.token, "--session 7", "There is no such session"),
        (&hans.token, "--session 1 --format vtt --include-deleted", "subtitles"),
        (&hans.token, "--room stage", "no session is open in the room stage"),
    ] {
        let ran = export(&url, token, line).await;
        assert!(!ran.is_ok && ran.stdout.is_empty(), "{line}");
        assert!(ran.stderr.contains(word), "{line}: {}", ran.stderr);
    }
    let ran = export("ftp://chat", &hans.token, "--session 1").await;
    assert!(!ran.is_ok && ran.stderr.contains("ftp://chat is no address"), "{}", ran.stderr);
}

#[tokio::test]
async fn the_program_tries_a_page_again_that_failed() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    say(&world, &world.user("ann"), "first").await;
    fill(&world, 2..=6_000, &"x".repeat(500)).await;
    let queries = AtomicU32::new(0);
    proxy.judge(move |call| {
        // In the middle of the first page.
        let is_query = call.operation == "Query" && call.body.contains("\"Limit\":1000");
        let is_failing = is_query && queries.fetch_add(1, Ordering::Relaxed) == 3;
        if is_failing { Fate::denied() } else { Fate::Pass }
    });
    let hans = world.user_as("hans", "host");
    let ran = export(&world.gateway.url(), &hans.token, "--session 1 --format csv").await;
    assert!(ran.is_ok, "{}", ran.stderr);
    assert_eq!(ran.stdout.iter().filter(|byte| **byte == b'\n').count(), 6_001);
    assert_eq!(sha256(&String::from_utf8_lossy(&ran.stdout)), sha256(&text_of(&pages(&hans, "format=csv").await)));
}

/// As many as `LIVE_CHAT_EXPORTED` says, of which docs/scale.md has figures.
#[tokio::test]
async fn tens_of_thousands_of_messages_are_exported_with_one_page_of_memory() {
    let messages = std::env::var("LIVE_CHAT_EXPORTED").ok().and_then(|text| text.parse().ok()).unwrap_or(30_000_u64);
    let world = World::start().await;
    say(&world, &world.user("ann"), "first").await;
    fill(&world, 2..=messages, "a message of usual length, as people write them").await;
    let began = std::time::Instant::now();
    let ran = export(&world.gateway.url(), &world.user_as("hans", "host").token, "--session 1").await;
    let took = began.elapsed();
    assert!(ran.is_ok, "{}", ran.stderr);
    let end = ran.stdout[..ran.stdout.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("lines") + 1;
    let (lines, end) = ran.stdout.split_at(end);
    let end: Value = serde_json::from_slice(end).expect("the end");
    assert_eq!((&end["count"], &end["last_seq"]), (&json!(messages + 1), &json!(messages)));
    let mut sum = Context::new(&SHA256);
    sum.update(lines);
    let sum: String = sum.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(end["sha256"], sum);
    let megabytes = ran.stdout.len() as f64 / 1e6;
    let of_function = peak_of_function("export");
    let figures = format!("{megabytes:.1} MB, {took:.1?}, {:.1} MiB, function {of_function:?} MiB", ran.peak_mib);
    let _nobody_looks = writeln!(std::io::stderr(), "{messages} messages: {figures}");
    assert!(ran.peak_mib > 1.0 && ran.peak_mib < 48.0, "{figures}");
    // In the gateway's own process, it cannot be told apart from the database.
    assert!(of_function.is_none_or(|mib| mib < 160.0), "{figures}");
}
