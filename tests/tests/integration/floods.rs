//! Floods: thousands of connects, silent connections and frames on one side; on the other, a user who wants to chat.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use gateway::EngineMode;
use serde_json::json;
use tests::process::Process;
use tests::socket::Socket;
use tests::within;
use tests::world::World;
use tokio::net::TcpStream;

/// How long a well-behaved user may wait, on a busy machine.
const BEARABLE: Duration = Duration::from_secs(10);

/// A process's resident memory, in megabytes.
fn resident_megabytes(process: &Process) -> u64 {
    let path = format!("/proc/{}/status", process.id());
    let status = std::fs::read_to_string(path).expect("Linux tells it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of it");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

/// Raises the limit of open files for this process and its children as far as the operating system allows.
fn many_open_files() -> u64 {
    rlimit::increase_nofile_limit(20_000).expect("a limit may be raised to the hard one")
}

/// How many connects a user tries: few enough for a run of all tests, unless `LIVE_CHAT_FLOOD_CONNECTS` asks for more.
fn connects() -> usize {
    match std::env::var("LIVE_CHAT_FLOOD_CONNECTS") {
        Ok(count) => {
            count.parse().ok().filter(|count| *count >= 2_000).expect("LIVE_CHAT_FLOOD_CONNECTS is 2000 or more")
        }
        Err(_) => 2_000,
    }
}

/// `LIVE_CHAT_FLOOD_CONNECTS=10000 cargo test -p tests --test integration thousands -- --nocapture` is the long run.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_connects_of_one_user_get_ten_sockets_and_harm_nobody() {
    let connects = connects();
    many_open_files();
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Process::start(folder.path(), &[]).await;
    let (mallory, ann) = (gateway.user("mallory"), gateway.user("ann"));
    let mut socket = ann.connect().await;
    let tries = |count: usize| stream::iter(0..count).map(|_| mallory.try_to_connect("1")).buffer_unordered(16);
    // The first connects belong to the baseline: after them, every code path has run once.
    let mut open: Vec<Socket> = tries(200).filter_map(|tried| async { tried.ok() }).collect().await;
    assert_eq!(open.len(), 10, "so many sockets may one user have");
    let before = resident_megabytes(&gateway);
    let flood = async {
        let mut refusals = tries(connects - 200);
        let mut refused = 0;
        while let Some(tried) = refusals.next().await {
            assert_eq!(tried.err(), Some(429));
            refused += 1;
        }
        refused
    };
    let chat = async {
        let mut slowest = Duration::ZERO;
        for i in 0..20 {
            let said = Instant::now();
            assert_eq!(socket.say(&format!("message {i}")).await["type"], "ack");
            socket.until_messages(i + 1).await;
            slowest = slowest.max(said.elapsed());
        }
        slowest
    };
    let (refused, slowest) = tokio::join!(flood, chat);
    assert_eq!(refused, connects - 200);
    assert!(slowest < BEARABLE, "a message took {slowest:?}");
    let after = resident_megabytes(&gateway);
    println!("{connects} connects: {before} MB before, {after} MB after; the slowest of 20 messages took {slowest:?}");
    assert!(after < before + 32, "{before} MB became {after} MB");
    // The table is consistent: two viewers, and each closed socket makes room for a new one.
    assert_eq!(ann.get("viewers").await.ok()["viewer_count"], 2);
    open.pop().expect("one of ten").close(1000).await;
    within("a place for another socket", async { while mallory.try_to_connect("1").await.is_err() {} }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_connections_that_say_nothing_do_not_keep_others_from_chatting() {
    let files = many_open_files();
    assert!(files >= 6_000, "the hard limit of open files is {files}: 6,000 are needed");
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Process::start(folder.path(), &[]).await;
    let address = gateway.url().trim_start_matches("http://").to_owned();
    let (ann, bob) = (gateway.user("ann"), gateway.user("bob"));
    let mut listener = bob.connect().await;
    ann.send("before").await.ok();
    listener.until_messages(1).await;
    let before = resident_megabytes(&gateway);
    let mut silent: Vec<TcpStream> = Vec::new();
    let (mut slowest, mut said) = (Duration::ZERO, 1);
    for _ in 0..10 {
        let more = join_all((0..500).map(|_| within("a connection", TcpStream::connect(&address)))).await;
        silent.extend(more.into_iter().map(|connected| connected.expect("it is accepted")));
        let begun = Instant::now();
        ann.send("meanwhile").await.ok();
        said += 1;
        listener.until_messages(said).await;
        slowest = slowest.max(begun.elapsed());
    }
    let begun = Instant::now();
    let newcomer = ann.connect().await;
    slowest = slowest.max(begun.elapsed());
    let after = resident_megabytes(&gateway);
    println!("5,000 silent connections: {before} MB before, {after} MB after; the slowest of 11 took {slowest:?}");
    assert!(slowest < BEARABLE, "it took {slowest:?}");
    assert!(after < before + 160, "{before} MB became {after} MB: more than 32 KB for a silent connection");
    drop((newcomer, silent));
}

#[tokio::test]
async fn a_thousand_frames_at_once_end_their_own_socket() {
    let world = World::start().await;
    // The minute must not change in the middle.
    world.clock.set("2030-01-01T00:00:01Z".parse().expect("a time"));
    let (mut flood, mut ann) = (world.user("mallory").connect().await, world.user("ann").connect().await);
    for _ in 0..1_000 {
        flood.send(&json!({"type": "ping"}));
    }
    assert_eq!(flood.wait_for("the refusal", |event| event["type"] == "error").await["code"], "rate_limited");
    assert_eq!(ann.say("unharmed").await["type"], "ack");
    ann.until_messages(1).await;
    flood.closed().await;
    let pongs = flood.events.iter().filter(|event| event["type"] == "pong").count();
    // Each process of the function may let nine more frames pass than are counted (docs/decisions/002), with at most 24 processes.
    let uncounted = if tests::engines::chosen() == EngineMode::InProcess { 0 } else { 9 * 24 };
    assert!(pongs <= 60 + uncounted, "{pongs} frames were answered");
    assert_eq!(ann.say("still unharmed").await["type"], "ack");
}
