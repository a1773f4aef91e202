//! `kill -9` in the middle of traffic, and a restart on the same data folder.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tests::process::Process;
use tests::rest::User;
use tests::within;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

#[tokio::test]
async fn after_kill_9_every_acknowledged_message_and_like_is_there_and_resume_gives_what_was_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged: BTreeMap<u64, String> = BTreeMap::new();
    let mut heard: Vec<u64> = Vec::new();
    let mut likes = 0;
    for round in 0..3 {
        let gateway = Process::start(folder.path(), &[]).await;
        let mut listener = gateway.user("listener").connect().await;
        // First, the client fetches the messages that it missed.
        let mut after = heard.last().copied().unwrap_or(0);
        loop {
            let resumed = listener.ask(&json!({"type": "resume", "after": after})).await;
            let missed: Vec<u64> =
                resumed["messages"].as_array().unwrap().iter().map(|m| m["seq"].as_u64().unwrap()).collect();
            after = missed.last().copied().unwrap_or(after);
            heard.extend(missed);
            if resumed["complete"] == true {
                break;
            }
        }
        for (id, text) in &acknowledged {
            assert!(heard.contains(&(id - 100_000_000)), "round {round}: {text} was acknowledged, but is not there");
        }
        assert_eq!(gateway.user("x").get("likes").await.ok()["total_likes"], likes, "round {round}");
        let fan = gateway.user(&format!("fan{round}"));
        likes = fan.post("like").await.ok()["total_likes"].as_u64().unwrap();

        let stop = Arc::new(AtomicBool::new(false));
        let mut senders = Vec::new();
        for sender in 0..4 {
            let (user, stop) = (gateway.user(&format!("sender{sender}")), Arc::clone(&stop));
            senders.push(tokio::spawn(async move {
                let mut stored = Vec::new();
                for i in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let text = format!("round {round}, sender {sender}, message {i}");
                    let Some(id) = user.try_to_send(&text).await else { break };
                    stored.push((id, text));
                }
                stored
            }));
        }
        let before = listener.seqs().len();
        listener.until_messages(before + 40).await;
        gateway.kill_9().await;
        stop.store(true, Ordering::SeqCst);
        for sender in senders {
            acknowledged.extend(sender.await.unwrap());
        }
        listener.closed().await;
        let live = listener.seqs();
        assert!(live.windows(2).all(|pair| pair[0] < pair[1]), "in order, no repeat: {live:?}");
        // The client recognises messages that are repeated after a crash by their numbers.
        heard.extend(live.iter().filter(|seq| !heard.contains(seq)).copied().collect::<Vec<_>>());
    }
    let gateway = Process::start(folder.path(), &[]).await;
    let user = gateway.user("reader");
    let mut stored = BTreeMap::new();
    let mut query = "messages?limit=100&after=100000000".to_owned();
    loop {
        let page = user.get(&query).await.ok();
        for message in page["messages"].as_array().unwrap() {
            let id = message["id"].as_u64().unwrap();
            assert!(stored.insert(id, message["message"].as_str().unwrap().to_owned()).is_none());
            query = format!("messages?limit=100&after={id}");
        }
        if page["has_more"] == false {
            break;
        }
    }
    for (id, text) in &acknowledged {
        assert_eq!(stored.get(id), Some(text));
    }
    let texts: std::collections::BTreeSet<_> = stored.values().collect();
    assert_eq!(texts.len(), stored.len(), "nothing is stored twice");
    gateway.kill_9().await;
}

#[tokio::test]
async fn a_crash_leaves_no_ghost_among_the_viewers() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = folder.path().join("clock");
    let settings = [("LIVE_CHAT_TEST_CLOCK", clock.to_str().expect("a path"))];
    std::fs::write(&clock, "0").expect("writable");
    let gateway = Process::start(folder.path(), &settings).await;
    let mut sockets = Vec::new();
    for user in ["ann", "bob", "eve"] {
        sockets.push(gateway.user(user).connect().await);
    }
    assert_eq!(gateway.user("ann").get("viewers").await.ok()["viewer_count"], 3);
    gateway.kill_9().await;
    std::fs::write(&clock, "301000").expect("writable");
    let again = Process::start(folder.path(), &settings).await;
    let mut ann = again.user("ann").connect().await;
    ann.wait_for("the others' leaving", |event| event["viewer_count"] == 1).await;
    again.kill_9().await;
}

#[tokio::test]
async fn sigterm_closes_sockets_with_1001_and_leaves_the_data_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut gateway = Process::start(folder.path(), &[]).await;
    let mut socket = gateway.user("ann").connect().await;
    socket.say("before the end").await;
    let id = gateway.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs").success());
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1001));
    let status = gateway.ended().await;
    assert_eq!(status.code(), Some(0));
    let again = Process::start(folder.path(), &[]).await;
    let page = again.user("ann").get("messages").await.ok();
    assert_eq!(page["messages"][0]["message"], "before the end");
    assert_eq!(again.user("bob").get("viewers").await.ok()["viewer_count"], 1, "ann's socket was forgotten");
    again.kill_9().await;
}

#[tokio::test]
async fn what_cannot_start_says_why_in_one_sentence_with_exit_code_2() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let below_a_file = file.join("data").display().to_string();
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case<'_>; 4] = [
        (&["--memory", "--port", &port], &[], &port),
        (&["--port", "0", "--data", &below_a_file], &[], "data folder"),
        (&["--memory", "--port", "0"], &[("DRAW_TIMEZONE", "Mars/Olympus")], "DRAW_TIMEZONE"),
        (&["--memory", "--port", "0"], &[("LIVE_CHAT_MAX_MESSAGE_LENGTH", "many")], "LIVE_CHAT_MAX_MESSAGE_LENGTH"),
    ];
    for (arguments, settings, expected) in cases {
        let mut command = tests::process::command();
        let output =
            within("its end", command.args(arguments).envs(settings.iter().copied()).kill_on_drop(true).output()).await;
        let output = output.expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains(expected) && said.trim().lines().count() == 1 && !said.contains("panicked"),
            "{arguments:?}: {said}"
        );
    }
}

#[tokio::test]
async fn the_token_command_prints_one_token_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = tests::process::command();
    let arguments = [
        "token",
        "--sub",
        "alice",
        "--name",
        "Alice",
        "--role",
        "host",
        "--badge",
        "gold",
        "--capabilities",
        "uncounted,send",
        "--capability",
        "read",
        "--session",
        "main",
        "--attribute",
        "team=red",
        "--email",
        "a@example.org",
        "--ttl",
        "12h",
    ];
    let output = command.args(["--data"]).arg(folder.path()).args(arguments).output().await.expect("it runs");
    let token = String::from_utf8(output.stdout).expect("text");
    assert_eq!((output.status.code(), token.trim().lines().count(), token.matches('.').count()), (Some(0), 1, 2));
    // A gateway on the same folder has the same secret.
    let mut command = tests::process::command();
    command
        .args(["--port", "0", "--data"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = command.spawn().expect("the gateway starts");
    let mut output = String::new();
    let mut stdout = child.stdout.take().expect("its output");
    let base = within("the address", async {
        loop {
            let mut bytes = [0; 1024];
            let read = stdout.read(&mut bytes).await.expect("readable");
            assert!(read > 0, "it ended: {output}");
            output.push_str(&String::from_utf8_lossy(&bytes[..read]));
            if let Some((_, rest)) = output.split_once("http://localhost:")
                && let Some((port, _)) = rest.split_once(|c: char| !c.is_ascii_digit())
            {
                return format!("http://127.0.0.1:{port}");
            }
        }
    })
    .await;
    let alice = User::new("alice", token.trim(), &base);
    alice.send("hello").await.ok();
    assert_eq!(alice.get("viewers").await.ok()["viewer_count"], 0, "she is uncounted");
    let message = alice.get("messages").await.ok()["messages"][0].clone();
    assert_eq!(
        (&message["username"], &message["is_host"], &message["badge"]),
        (&json!("Alice"), &json!(true), &json!("gold"))
    );
    assert_eq!(message["attributes"], json!({"team": "red"}));
    child.kill().await.expect("it can be killed");
}
