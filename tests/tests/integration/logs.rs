//! What the log contains, and what it must never contain.

use reqwest::Method;
use serde_json::{Value, json};
use tests::process::Process;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn no_log_line_holds_a_token_a_secret_a_message_or_an_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway =
        Process::start(folder.path(), &[("RUST_LOG", "info,shared=debug,functions=debug,gateway=debug")]).await;
    let (ann, bob) = (gateway.user("ann-secretive"), gateway.user("bob-secretive"));
    let mut socket = ann.connect().await;
    socket.say("a very private text").await;
    ann.send_as("another private text", "a private key").await.ok();
    bob.post("like").await.ok();
    bob.post("like-message/100000001").await.ok();
    bob.delete("messages/100000001").await.problem();
    ann.delete("messages/100000001").await.ok();
    for path in ["status?private=query", "messages", "viewers", "likes", "stats", "messages?limit=private", "nothing"] {
        bob.get(path).await;
    }
    bob.send_body(r#"{"message": "broken private"#).await.problem();
    bob.with_token("a.private.token").get("status").await.problem();
    assert_eq!(bob.with_token("a.private.token").try_to_connect("1").await.err(), Some(401));
    socket.send_raw(Message::text("private and no json"));
    socket.answer().await;
    socket.ask(&json!({"type": "private"})).await;
    socket.send_raw(Message::binary(b"private bytes".to_vec()));
    socket.closed().await;
    let log = gateway.kill_9().await;
    assert!(log.contains("/live-chat/ws/1") && log.contains("/live-chat/status"), "the log is there: {log}");
    for secret in ["private", "?token", &ann.token, &bob.token, tests::world::SECRET, "@example.org"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?}");
    }
    let signature = ann.token.rsplit('.').next().expect("a signature");
    assert!(!log.contains(signature));
}

#[tokio::test]
async fn refusals_by_each_rule_holds_and_acts_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let unlimited = ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0");
    let gateway = Process::start(folder.path(), &[("LIVE_CHAT_METRICS", "here"), unlimited]).await;
    let (bob, mona) = (gateway.user("bob"), gateway.user_as("mona", "moderator"));
    let set = async |modes: Value| {
        let body = json!({"action": "set_modes", "modes": modes}).to_string();
        mona.call(Method::POST, "moderation/actions", Some(body)).await.ok();
    };
    for (modes, counted) in [
        (json!({"audience": "staff"}), "RefusedStaffOnly"),
        (json!({"audience": "members"}), "RefusedMembersOnly"),
        (json!({"audience": "everyone", "account_age_minutes": 5}), "RefusedAccountTooNew"),
        (json!({"account_age_minutes": 0, "emoji_only": true}), "RefusedEmojiOnly"),
        (json!({"emoji_only": false, "links": "block"}), "RefusedLinkBlocked"),
        (json!({"links": "allow", "review_all": true}), "MessagesHeld"),
    ] {
        set(modes).await;
        bob.send("see example.org").await;
        gateway.printed(counted, |line| line.contains(&format!("\"{counted}\":1"))).await;
    }
    set(json!({"review_all": false, "slow_seconds": 100, "unique_seconds": 600})).await;
    bob.send("once").await.ok();
    bob.send("again").await.problem();
    gateway.printed("slow mode", |line| line.contains("\"RefusedSlowMode\":1")).await;
    set(json!({"slow_seconds": 0})).await;
    bob.send("ONCE").await.problem();
    gateway.printed("a repeat", |line| line.contains("\"RefusedRepeatedMessage\":1")).await;
    let terms = json!({"terms": [{"term": "rascal", "match": "word", "action": "block"}]}).to_string();
    gateway.user_as("hans", "host").call(Method::PUT, "moderation/terms", Some(terms)).await.ok();
    bob.send("you rascal").await.problem();
    gateway.printed("words", |line| line.contains("\"RefusedTermBlocked\":1")).await;
    gateway.printed("acts", |line| line.contains("\"ModerationActs\":1")).await;
}
